/** The engines besides Deno that are installed here: on the PATH, or by npx before. */
import type { Engine } from "../../bench/process/engine.ts";
import { engineAt, packagesOf, programOf } from "../../bench/process/find_engine.ts";

/** The engine of that name; null where it is not installed. Nothing is downloaded. */
export async function installedEngine(name: Engine["kind"]): Promise<Engine | null> {
  try {
    const program = await programOf(name, { mayInstall: false });
    return await engineAt(name, program, await packagesOf([]));
  } catch {
    return null;
  }
}
