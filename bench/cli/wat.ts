/**
 * `deno task wat`: assembles impls/wasm_s_tree/wat.ts and writes impls/wasm_s_tree/code.ts, so that
 * neither a race nor a user of the library needs the assembler.
 */
import wabt from "wabt";
import { wat } from "../../impls/wasm_s_tree/wat.ts";
import { fileAt } from "./project.ts";

const CODE_PATH = "impls/wasm_s_tree/code.ts";

/** The text of wasm_s_tree_code.ts. */
export async function assembled(): Promise<string> {
  const module = (await wabt()).parseWat("wasm_s_tree.wat", wat(), { simd: true });
  module.validate();
  const base64 = module.toBinary({}).buffer.toBase64();
  module.destroy();
  const lines = base64.match(/.{1,94}/g)!.map((line) => `"${line}"`);
  return `/** wasm_s_tree_wat.ts, assembled by \`deno task wat\`, in base64; a test compares. */
export const CODE =
  ${lines.join(" +\n  ")};
`;
}

if (import.meta.main) {
  await Deno.writeTextFile(fileAt(CODE_PATH), await assembled());
  console.log(`Wrote ${CODE_PATH}`);
}
