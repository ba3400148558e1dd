/**
 * Runs child processes under a watchdog: one that hangs or crashes is reported, and the race goes on.
 * A child of Deno may read what it needs and nothing else: it cannot write, start processes or reach
 * the network; engine.ts has what a child of another engine may do. What a contender prints is not
 * taken for a message of the harness (see frames.ts).
 */
import { commandOf, type Engine } from "./engine.ts";
import { FrameReader } from "./frames.ts";
import type { Order } from "./job.ts";

/** What came of a process. */
export type Ending =
  /** It gave its answer. */
  | { readonly kind: "answered"; readonly value: unknown }
  /** It hung; it ended without an answer; or it blames an entry for what that did to the others. */
  | {
    readonly kind: "stuck" | "crashed" | "threw";
    /** What it had last said that it would call: an entry's name, or a question; empty if nothing. */
    readonly entry: string;
    /** A sentence for the table. */
    readonly words: string;
  }
  /** The signal of `ChildOptions` ended it. */
  | { readonly kind: "stopped" };

/** How to run it. */
export interface ChildOptions {
  /** Seconds without a heartbeat after which it is stuck. */
  readonly patienceSeconds: number;
  /** Aborts the wait and kills the process. */
  readonly signal: AbortSignal;
  /** Hears of each heartbeat: what is about to be called. */
  readonly onBeat?: (what: string) => void;
  /** `file:` addresses of files and folders that it may read besides `impls/`. */
  readonly reads?: readonly string[];
  /** More flags for V8; Bun takes none. */
  readonly v8Flags?: readonly string[];
  /** What runs it; this Deno unless said. */
  readonly engine?: Engine | null;
}

/** What every child may read: the registered contenders, and the modules of its thread. */
const READS = ["../../impls/", "./end_with_parent.ts", "./system.ts"].map((path) =>
  import.meta.resolve(path)
);

/** Bytes kept of standard error: the last ones, in which the engine says what it died of. */
const KEPT_ERROR_BYTES = 2 ** 16;

/** Milliseconds for which the output of a process that has ended is read: another may hold it open. */
const GRACE_MS = 200;

/** Characters of an error's line that a sentence for the table takes. */
const MOST_CHARACTERS = 300;

/** Signals that other processes send to end one; V8 ends by others. */
const KILLS: readonly string[] = ["SIGKILL", "SIGTERM", "SIGINT", "SIGHUP"];

/**
 * Runs the module `script`, a `file:` address, in a fresh process that takes `job` with `takeJob`. A
 * process that another one has killed says nothing about a contender, so it is run once more.
 */
export async function runChild(
  script: string,
  job: unknown,
  options: ChildOptions,
): Promise<Ending> {
  const { ending, isKilled } = await runOnce(script, job, options);
  return isKilled ? (await runOnce(script, job, options)).ending : ending;
}

interface Run {
  readonly ending: Ending;
  /** Whether another process has ended it: not itself, and not the race. */
  readonly isKilled: boolean;
}

async function runOnce(script: string, job: unknown, options: ChildOptions): Promise<Run> {
  const { patienceSeconds, signal } = options;
  const run = (ending: Ending, isKilled = false): Run => ({ ending, isKilled });
  if (signal.aborted) return run({ kind: "stopped" });
  const order: Order = { token: crypto.randomUUID(), job };
  const child = spawn(script, options), kill = () => attemptKill(child);
  signal.addEventListener("abort", kill);
  const watchdog = new Watchdog(patienceSeconds * 1000, kill);
  const stdin = child.stdin.getWriter(), stdout = child.stdout.getReader();
  const errors = new LastBytes(child.stderr.getReader(), KEPT_ERROR_BYTES);
  const close = () => [stdout, errors].forEach((stream) => stream.cancel().catch(() => {}));
  let grace: ReturnType<typeof setTimeout> | undefined;
  try {
    // A process that dies at once does not read: that shows in its status.
    stdin.write(new TextEncoder().encode(`${JSON.stringify(order)}\n`)).catch(() => {});
    const said = new Said(order.token);
    child.status.then(() => grace = setTimeout(close, GRACE_MS));
    await said.listen(stdout, () => {
      watchdog.heard();
      options.onBeat?.(said.entry);
    });
    if (said.last !== null) kill();
    const status = await child.status, { entry } = said, who = entry || "the process";
    if (signal.aborted) return run({ kind: "stopped" });
    if (said.last !== null) return run(said.last);
    if (watchdog.hasBarked) {
      const words = `${who} did not come back in ${patienceSeconds} s`;
      return run({ kind: "stuck", entry, words });
    }
    await errors.isWhole;
    const words = crashWords(entry, status, errors.text());
    return run({ kind: "crashed", entry, words }, KILLS.includes(status.signal ?? ""));
  } finally {
    clearTimeout(grace);
    watchdog.stop();
    signal.removeEventListener("abort", kill);
    stdin.abort().catch(() => {});
    close();
  }
}

function spawn(url: string, options: ChildOptions): Deno.ChildProcess {
  const { engine = null, reads = [], v8Flags = [] } = options;
  const { program, args, env } = commandOf(engine, { url, reads: [...READS, ...reads], v8Flags });
  return new Deno.Command(program, {
    args: [...args],
    env: { ...env },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    // Ctrl-C is the race's to answer: its processes end when it says so.
    detached: true,
  }).spawn();
}

/** What a process has said. */
class Said {
  /** What it was about to call when it was last heard. */
  entry = "";
  /** Its last word; what follows is not heard. */
  last: Ending | null = null;
  readonly #frames: FrameReader;

  constructor(token: string) {
    this.#frames = new FrameReader(token);
  }

  /** Listens up to the last word or the end of the stream. */
  async listen(stdout: ReadableStreamDefaultReader<Uint8Array>, heard: () => void): Promise<void> {
    while (this.last === null) {
      const { done, value } = await stdout.read();
      if (done) return;
      for (const body of this.#frames.read(value)) {
        this.#take(body[0], parsed(body.slice(1)));
        heard();
      }
    }
  }

  #take(kind: string, value: unknown): void {
    if (value === undefined || this.last !== null) return;
    if (kind === "@") this.entry = value as string;
    if (kind === "=") this.last = { kind: "answered", value };
    if (kind === "!") this.last = { kind: "threw", entry: this.entry, words: value as string };
  }
}

/** The value of a JSON text; undefined where a thread of a contender's has written into it. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The end of a stream, which is read all along so that what writes to it does not wait. */
class LastBytes {
  /** Resolves at the end of the stream, or when it is cancelled. */
  readonly isWhole: Promise<void>;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #chunks: Uint8Array[] = [];
  #bytes = 0;

  /** Keeps `most` bytes, and less than a chunk more. */
  constructor(reader: ReadableStreamDefaultReader<Uint8Array>, most: number) {
    this.#reader = reader;
    this.isWhole = this.#read(most);
  }

  text(): string {
    const decoder = new TextDecoder();
    return this.#chunks.map((chunk) => decoder.decode(chunk, { stream: true })).join("");
  }

  cancel(): Promise<void> {
    return this.#reader.cancel();
  }

  async #read(most: number): Promise<void> {
    for (;;) {
      const { done, value } = await this.#reader.read();
      if (done) return;
      this.#chunks.push(value);
      this.#bytes += value.length;
      while (this.#bytes - this.#chunks[0].length >= most) {
        this.#bytes -= this.#chunks.shift()!.length;
      }
    }
  }
}

class Watchdog {
  /** Whether the time was up. */
  hasBarked = false;
  readonly #ms: number;
  readonly #bark: () => void;
  readonly #timer: ReturnType<typeof setInterval>;
  #heardAt = performance.now();

  /** Calls `bark` when nothing was heard for `ms`. */
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
    this.hasBarked = true;
    this.#bark();
  }
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
  if (/out of memory|heap limit/i.test(errors)) {
    return `${entry || "the process"} ran out of memory (${how})`;
  }
  const lines = errors.split("\n").map(plain);
  // Deno and Bun write `error: `, Node the class of the error, both after other lines.
  const why = lines.findLast((line) => /^error: |^\w*Error\b.*: /.test(line)) ??
    lines.find((line) => line) ?? "";
  return `the process${entry && " of "}${entry} ended with ${how}${why && ": "}${why}`;
}

/** A line without control characters, of a length for a table. */
function plain(line: string): string {
  return line.replace(/\p{C}+/gu, " ").trim().slice(0, MOST_CHARACTERS);
}
