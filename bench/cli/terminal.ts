/** Where a command writes, and what ends it from outside. */
import { systemWords } from "../record/result_error.ts";
import { EXIT, FileError, Stopped } from "./exit.ts";

/** Where a command writes, and how wide that is. */
export interface Io {
  /** Writes text to standard output, and ends its last line. */
  out(text: string): void;
  /** The same to standard error. */
  err(text: string): void;
  /** Columns of the terminal; 100 where there is none. */
  readonly width: number;
  /** Whether standard output shows colours. */
  readonly color: boolean;
}

/**
 * The terminal, or what stands for it. A pipe that its reader has closed is no error; of standard error
 * nothing is, as there is no place left to tell it.
 */
export function terminal(): Io {
  const isTerminal = Deno.stdout.isTerminal();
  return {
    out: (text) => write(Deno.stdout, text),
    err(text) {
      try {
        write(Deno.stderr, text);
      } catch {
        // It is full or closed.
      }
    },
    // A terminal that does not know its width says 0.
    width: isTerminal ? Deno.consoleSize().columns || 80 : 100,
    color: isTerminal && !Deno.noColor,
  };
}

/** ms to wait for the reader of a pipe that does not block. */
const WAIT_MS = 10;

/** Writes all of `text`. `FileError` where there is no room; nothing where the reader has gone. */
export function write(stream: { writeSync(bytes: Uint8Array): number }, text: string): void {
  const bytes = new TextEncoder().encode(text.endsWith("\n") ? text : `${text}\n`);
  for (let at = 0; at < bytes.length;) {
    try {
      at += stream.writeSync(bytes.subarray(at));
    } catch (error) {
      if (error instanceof Deno.errors.BrokenPipe) return;
      if (!(error instanceof Deno.errors.WouldBlock)) {
        throw new FileError(`Cannot write to standard output: ${systemWords(error)}`);
      }
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WAIT_MS);
    }
  }
}

/** Ctrl-C, the end asked for, the terminal gone. */
const SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT", "SIGBREAK"]
  : ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * Does what a signal may end: `act` ends when its own signal aborts, and what it throws then becomes
 * `Stopped`. A second signal ends the process as it stands.
 */
export async function untilStopped<T>(act: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const onSignal = () => {
    if (stop.signal.aborted) Deno.exit(EXIT.stopped);
    stop.abort(new Stopped("Stopped"));
  };
  for (const signal of SIGNALS) Deno.addSignalListener(signal, onSignal);
  try {
    return await act(stop.signal);
  } catch (error) {
    throw !stop.signal.aborted || error instanceof Stopped ? error : stop.signal.reason;
  } finally {
    for (const signal of SIGNALS) Deno.removeSignalListener(signal, onSignal);
  }
}
