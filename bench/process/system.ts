/**
 * What a child process needs of its system, taken from the engine that runs it: Deno, Node or Bun.
 * Everything else of the harness is the same program in all three.
 */
import type Process from "node:process";

/** Memory that objects hold, in bytes. */
export interface MemoryUsage {
  /** On the heap. */
  readonly heapUsed: number;
  /** Outside the heap, such as the elements of typed arrays, but not WebAssembly's memories. */
  readonly external: number;
}

/** The system of a child process. */
export interface System {
  /** Ends the process. */
  exit(code: number): never;
  /** Waits for bytes of standard input; gives their number, 0 at its end. */
  read(bytes: Uint8Array): number;
  /** Writes the first of `bytes` to standard output; gives the number written, from 1. */
  write(bytes: Uint8Array): number;
  /** Of this isolate. */
  memoryUsage(): MemoryUsage;
  /** The load average of the last minute; null where the system does not tell. */
  load(): number | null;
  /** Runs a module, a `file:` address, in a thread of its own. */
  startThread(url: string): void;
  /** Ends the process at once, whatever its threads do. */
  kill(): void;
}

/** Whether Bun runs the process. */
export const IS_BUN = "Bun" in globalThis;

/** The system as Deno gives it. */
function ofDeno(): System {
  return {
    exit: Deno.exit,
    read: (bytes) => Deno.stdin.readSync(bytes) ?? 0,
    write: Deno.stdout.writeSync.bind(Deno.stdout),
    memoryUsage: Deno.memoryUsage,
    load: () => Deno.build.os === "windows" ? null : Deno.loadavg()[0],
    startThread: (url) => void new Worker(url, { type: "module" }),
    kill: () => Deno.kill(Deno.pid, "SIGKILL"),
  };
}

/** ms between two looks at standard input where a read does not wait: too few to disturb a block. */
const POLL_MS = 250;

/** What a thread waits on that only sleeps. */
const SLEEP = new Int32Array(new SharedArrayBuffer(4));

/** Node's and Bun's own global. Importing it would load it in each thread of Deno, too: 20 ms. */
function nodeProcess(): typeof Process {
  return (globalThis as unknown as { process: typeof Process }).process;
}

/** The system as Node gives it, and Bun. */
function ofNode(): System {
  const process = nodeProcess();
  const { readSync, writeSync } = process.getBuiltinModule("node:fs");
  const { loadavg } = process.getBuiltinModule("node:os");
  const { Worker } = process.getBuiltinModule("node:worker_threads");
  return {
    exit: process.exit.bind(process),
    read(bytes) {
      for (;;) {
        try {
          return readSync(0, bytes);
        } catch (error) {
          // Node makes standard input non-blocking once a thread has started.
          if ((error as { code?: unknown }).code !== "EAGAIN") throw error;
          Atomics.wait(SLEEP, 0, 0, POLL_MS);
        }
      }
    },
    write: (bytes) => writeSync(1, bytes),
    memoryUsage: process.memoryUsage.bind(process),
    load: () => process.platform === "win32" ? null : loadavg()[0],
    startThread: (url) => void new Worker(new URL(url)),
    kill: () => void process.kill(process.pid, "SIGKILL"),
  };
}

/** The system of this process. */
export const SYSTEM: System = "Deno" in globalThis ? ofDeno() : ofNode();

/**
 * What to import for an instance of its own of the module at `url`, a `file:` address. Bun drops the
 * query of such an address, and keeps that of a path.
 */
export function instanceOf(url: string, query: string): string {
  return `${IS_BUN ? nodeProcess().getBuiltinModule("node:url").fileURLToPath(url) : url}?${query}`;
}
