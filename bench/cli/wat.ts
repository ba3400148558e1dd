/**
 * `deno task wat`: assembles impls/wasm_s_tree/wat.ts and writes impls/wasm_s_tree/code.ts, so that
 * neither a race nor a user of the library needs the assembler.
 */
import wabt from "wabt";
import { wat } from "../../impls/wasm_s_tree/wat.ts";
import { command } from "./command.ts";
import { EXIT } from "./exit.ts";
import { fileAt, writeWhole } from "./project.ts";

const CODE_PATH = "impls/wasm_s_tree/code.ts";

/** The command. */
export const WAT = command({
  name: "wat",
  summary: "Assembles the searches of wasm_s_tree",
  about: `Assembles impls/wasm_s_tree/wat.ts and overwrites ${CODE_PATH} with the result.`,
  options: {},
  examples: [["wat", "after a change of impls/wasm_s_tree/wat.ts"]],
  permissions: "write impls/wasm_s_tree",
  exits: [],
  async run(_, io) {
    await writeWhole(fileAt(CODE_PATH), await assembled());
    io.out(`Wrote ${CODE_PATH}`);
    return EXIT.fine;
  },
});

/** The text of impls/wasm_s_tree/code.ts. */
export async function assembled(): Promise<string> {
  const module = (await wabt()).parseWat("wasm_s_tree.wat", wat(), { simd: true });
  module.validate();
  const base64 = module.toBinary({}).buffer.toBase64();
  module.destroy();
  const lines = base64.match(/.{1,94}/g)!.map((line) => `"${line}"`);
  return `/** The module of wat.ts, assembled by \`deno task wat\`, in base64; a test compares the two. */
export const CODE =
  ${lines.join(" +\n  ")};
`;
}
