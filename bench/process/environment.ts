/** Where a run takes place: what must be equal for two runs' times to be compared. */
import { cpus, hostname, release, totalmem } from "node:os";
import type { Engine } from "./engine.ts";
import type { Environment } from "../record/schema.ts";

/** This machine and this engine, and the `engines` that run beside it. */
export function environment(engines: readonly Engine[] = []): Environment {
  const versions = engines.map(({ name, version }) => [name, version]);
  return {
    ...engines.length > 0 && { engines: Object.fromEntries(versions) },
    deno: Deno.version.deno,
    v8: Deno.version.v8,
    os: Deno.build.os,
    arch: Deno.build.arch,
    kernel: release(),
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: cpus().length,
    memoryBytes: totalmem(),
  };
}

/** The name of this machine, fit for a file's name. */
export function host(): string {
  return hostname().toLowerCase().replaceAll(/[^a-z0-9-]+/g, "-") || "unknown";
}

/** The commit the code is at, with `+` where files differ from it; empty without git. */
export async function commit(): Promise<string> {
  const head = await git("rev-parse", "--short=12", "HEAD");
  if (head === "") return "";
  return head + (await git("status", "--porcelain", "--untracked-files=no") === "" ? "" : "+");
}

async function git(...args: string[]): Promise<string> {
  try {
    const cwd = new URL("../../", import.meta.url);
    const { success, stdout } = await new Deno.Command("git", { args, cwd, stderr: "null" })
      .output();
    return success ? new TextDecoder().decode(stdout).trim() : "";
  } catch {
    return "";
  }
}
