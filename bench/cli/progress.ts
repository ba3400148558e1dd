/** The progress of a command, on standard error. */
import { Presets, SingleBar } from "cli-progress";
import process from "node:process";
import type { Progress } from "../race/race.ts";
import { clean } from "../report/words.ts";

/** Shows how far a command is. */
export interface ProgressView {
  show(progress: Progress): void;
  /** Leaves the line to whoever writes next. */
  stop(): void;
}

/**
 * On standard error: a bar on a terminal; elsewhere a line for each tenth, but none in the first
 * `silentMs`; nothing if `quiet`.
 */
export function progressView(
  { quiet, silentMs = 0 }: { quiet: boolean; silentMs?: number },
): ProgressView {
  if (quiet) return { show() {}, stop() {} };
  const isBar = Deno.stderr.isTerminal(), view = isBar ? new Bar() : new Lines();
  const beginMs = performance.now() + (isBar ? 0 : silentMs);
  return {
    show(progress) {
      if (performance.now() < beginMs) return;
      view.show({ ...progress, doing: clean(progress.doing) });
    },
    stop: () => view.stop(),
  };
}

class Bar implements ProgressView {
  readonly #clock = new Clock();
  readonly #bar = new SingleBar({
    format: "{bar} {percentage} %  {left} left  {doing}",
    barsize: 24,
    stream: process.stderr,
    hideCursor: true,
    clearOnComplete: true,
    noTTYOutput: false,
    gracefulExit: false, // Ctrl-C is the race's to answer
  }, Presets.shades_classic);
  #isStarted = false;

  show(progress: Progress): void {
    const { done, total, doing } = progress;
    const load = { left: this.#clock.left(progress), doing };
    if (this.#isStarted) return this.#bar.update(done, load);
    this.#isStarted = true;
    this.#bar.start(total, done, load);
  }

  stop(): void {
    if (this.#isStarted) this.#bar.stop();
    this.#isStarted = false;
  }
}

/** A line each tenth of the way. */
class Lines implements ProgressView {
  readonly #clock = new Clock();
  #tenth = -1;

  show(progress: Progress): void {
    const { done, total, doing } = progress;
    const tenth = Math.floor(10 * done / total), left = this.#clock.left(progress);
    if (tenth === this.#tenth) return;
    this.#tenth = tenth;
    console.error(`${String(10 * tenth).padStart(3)} %  ${left} left  ${doing}`);
  }

  stop(): void {}
}

/** The time left, from the time taken since the first step. */
class Clock {
  #began: { ms: number; done: number } | null = null;

  left({ done, total }: Progress): string {
    const now = performance.now();
    this.#began ??= { ms: now, done };
    const taken = done - this.#began.done;
    if (taken < 1) return "?";
    return duration((now - this.#began.ms) / taken * (total - done) / 1000);
  }
}

/** Seconds for a reader: `45 s`, `4 min 5 s`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
