/**
 * The child's side of the protocol: takes the job from standard input and speaks to the race. Only
 * the first caller gets hold of it, which is the main module of the process: code that a contender
 * has loaded cannot speak for the race.
 */
import { frame } from "./frames.ts";
import { exit, fromJson, toJson, writeOut } from "./own.ts";
import { SYSTEM } from "./system.ts";

/** A process's job, and what it can tell the race. */
export interface Desk<Job> {
  readonly job: Job;
  /** Tells the race what is about to be called, which may hang: an entry's name, or a question. */
  beat(what: string): void;
  /** Ends the process: `entry` is to blame, and what it did is told in `words`. */
  blame(entry: string, words: string): never;
  /** Ends the process with its answer. */
  answer(value: unknown): never;
}

/** What the race writes to standard input: one line. */
export interface Order {
  /** What frames begin with, another one in every process. */
  readonly token: string;
  readonly job: unknown;
}

let isTaken = false;

/** Takes this process's job, as `runChild` wrote it. Throws where it was taken before. */
export function takeJob<Job>(): Desk<Job> {
  if (isTaken) throw new Error("Cannot take the job as the process's main module has taken it");
  isTaken = true;
  const { token, job } = fromJson(readLine()) as Order;
  endWithParent();
  removeStorage();
  const say = (kind: string, value: unknown) => {
    try {
      writeOut(frame(token, kind + toJson(value)));
    } catch {
      exit(1); // The pipe is closed: the race has ended.
    }
  };
  return {
    job: job as Job,
    beat: (what) => say("@", what),
    blame(entry, words) {
      // Texts alone: objects are written as a `toJSON` of Object.prototype says.
      say("@", entry);
      say("!", words);
      return exit(0);
    },
    answer(value) {
      say("=", value);
      return exit(0);
    },
  };
}

/** The first line of standard input. The rest of it stays open for as long as the race lives. */
function readLine(): string {
  const decoder = new TextDecoder(), bytes = new Uint8Array(2 ** 16);
  for (let text = "";;) {
    const read = SYSTEM.read(bytes);
    if (read === 0) exit(1); // the race has ended before it gave the job
    text += decoder.decode(bytes.subarray(0, read), { stream: true });
    if (text.endsWith("\n")) return text;
  }
}

/**
 * Deno keeps these on disk without leave to write: an index could hand on from process to process what
 * it has seen. Workers have a store of their own.
 */
function removeStorage(): void {
  const shared = globalThis as Record<string, unknown>;
  for (const name of ["localStorage", "caches", "Worker"]) delete shared[name];
}

function endWithParent(): void {
  SYSTEM.startThread(new URL("./end_with_parent.ts", import.meta.url).href);
}
