/** Where a command writes, and what ends it from outside. */
import { EXIT, Stopped } from "./exit.ts";

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

/** The terminal, or what stands for it. A pipe that its reader has closed is no error. */
export function terminal(): Io {
  const isTerminal = Deno.stdout.isTerminal();
  return {
    out: (text) => write(Deno.stdout, text),
    err: (text) => write(Deno.stderr, text),
    // A terminal that does not know its width says 0.
    width: isTerminal ? Deno.consoleSize().columns || 80 : 100,
    color: isTerminal && !Deno.noColor,
  };
}

function write(stream: { writeSync(bytes: Uint8Array): number }, text: string): void {
  const bytes = new TextEncoder().encode(text.endsWith("\n") ? text : `${text}\n`);
  try {
    for (let at = 0; at < bytes.length;) at += stream.writeSync(bytes.subarray(at));
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
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
