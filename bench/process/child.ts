/** Fresh processes with a watchdog: who hangs or crashes is found out and does not stop the race. */
import { createInterface } from "node:readline";
import { Readable } from "node:stream";

/** What came of a process: its last line, or why there is none. */
export type Ending =
  | { readonly kind: "answered"; readonly line: string }
  | { readonly kind: "stuck" | "crashed"; readonly entry: string; readonly words: string }
  | { readonly kind: "stopped" };

/** How to run it. */
export interface ChildOptions {
  /** So many seconds without a heartbeat and it is stuck. */
  readonly patienceSeconds: number;
  /** Aborts the wait and kills the process. */
  readonly signal: AbortSignal;
  /** More flags for V8. */
  readonly v8Flags?: readonly string[];
}

/**
 * Runs the module `script`, a `file:` address, in a fresh process with `job` as JSON. It calls `beat`
 * before an entry has the word, and `answer` in the end.
 */
export async function runChild(
  script: string,
  job: unknown,
  options: ChildOptions,
): Promise<Ending> {
  const { patienceSeconds, signal, v8Flags = [] } = options;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", `--v8-flags=${["--expose-gc", ...v8Flags]}`, script],
    env: { NO_COLOR: "1" },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    // Ctrl-C is the race's to answer: its processes end when it says so.
    detached: true,
  }).spawn();
  const kill = () => attemptKill(child);
  signal.addEventListener("abort", kill);
  let entry = "", last = "", isStuck = false;
  const watchdog = new Watchdog(patienceSeconds * 1000, () => {
    isStuck = true;
    kill();
  });
  try {
    const errors = new Response(child.stderr).text();
    await feed(child.stdin, JSON.stringify(job));
    for await (const line of linesOf(child.stdout)) {
      watchdog.heard();
      if (line.startsWith("@")) entry = line.slice(1);
      else if (line.startsWith("=")) last = line.slice(1);
    }
    const status = await child.status;
    if (signal.aborted) return { kind: "stopped" };
    if (isStuck) {
      return { kind: "stuck", entry, words: `${entry} did not come back in ${patienceSeconds} s` };
    }
    if (status.success && last !== "") return { kind: "answered", line: last };
    return { kind: "crashed", entry, words: crashWords(entry, status, await errors) };
  } finally {
    watchdog.stop();
    signal.removeEventListener("abort", kill);
  }
}

function linesOf(stream: ReadableStream<Uint8Array>): AsyncIterable<string> {
  // deno-lint-ignore no-explicit-any -- node's type of a web stream is another than Deno's
  return createInterface({ input: Readable.fromWeb(stream as any), crlfDelay: Infinity });
}

/** Reads the job of this process, as `runChild` wrote it. */
export async function readJob<Job>(): Promise<Job> {
  return JSON.parse(await new Response(Deno.stdin.readable).text());
}

const encoder = new TextEncoder();

/** Tells the race that NAME has the word, before it may hang. */
export function beat(name: string): void {
  say(`@${name}`);
}

/** Gives the race this process's answer. */
export function answer(value: unknown): void {
  say(`=${JSON.stringify(value)}`);
}

function say(line: string): void {
  const bytes = encoder.encode(`${line}\n`);
  for (let at = 0; at < bytes.length;) at += Deno.stdout.writeSync(bytes.subarray(at));
}

class Watchdog {
  readonly #ms: number;
  readonly #bark: () => void;
  readonly #timer: ReturnType<typeof setInterval>;
  #heardAt = performance.now();

  constructor(ms: number, bark: () => void) {
    this.#ms = ms;
    this.#bark = bark;
    this.#timer = setInterval(() => this.#look(), Math.min(500, ms / 2));
  }

  heard(): void {
    this.#heardAt = performance.now();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    if (performance.now() - this.#heardAt < this.#ms) return;
    this.stop();
    this.#bark();
  }
}

/** A process that dies at once does not read: that shows in its status, not here. */
async function feed(stdin: WritableStream<Uint8Array>, text: string): Promise<void> {
  const writer = stdin.getWriter();
  await writer.write(new TextEncoder().encode(text)).then(() => writer.close()).catch(() => {});
}

function attemptKill(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

function crashWords(entry: string, status: Deno.CommandStatus, errors: string): string {
  const how = status.signal ?? `exit code ${status.code}`;
  if (/out of memory|heap limit/i.test(errors)) return `${entry} ran out of memory (${how})`;
  const lines = errors.split("\n"), first = lines.find((line) => /error/i.test(line)) ?? lines[0];
  return `the process of ${entry} ended with ${how}${first.trim() && ": "}${first.trim()}`;
}
