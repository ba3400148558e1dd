/** Several files as one recording: joined by time where they carry one clock, else one by one. */
import { type EventBatch, kindOf } from "./events.ts";
import type { OpenFile } from "./readers.ts";

/** Events of one file that follow each other: [from, to) of a batch. */
export interface Piece {
  readonly file: OpenFile;
  readonly batch: EventBatch;
  readonly from: number;
  readonly to: number;
  /** Where the calls among them begin in `batch.calls`. */
  readonly firstCall: number;
}

/** Clocks that are further apart count different things: seconds of the epoch, or since the boot. */
const CLOCK_SECONDS = 86_400;

const CALL = kindOf("set memory region");

/** A file at the event that comes next. */
class Stream {
  batch: EventBatch | null = null;
  at = 0;
  #call = 0;
  readonly file: OpenFile;

  constructor(file: OpenFile) {
    this.file = file;
  }

  /** The time of the next event; NaN where it has none. */
  get time(): number {
    return this.batch === null ? NaN : this.batch.times[this.at];
  }

  /** Goes to the next batch that has events, when the one at hand is used up. */
  async fill(): Promise<void> {
    while (this.batch === null || this.at === this.batch.length) {
      const { done, value } = await this.file.batches.next();
      this.at = 0;
      this.#call = 0;
      this.batch = done ? null : value;
      if (done) return;
    }
  }

  take(to: number): Piece {
    const { file, at: from } = this, batch = this.batch!, firstCall = this.#call;
    if (to === batch.length) this.#call = batch.calls.length;
    else for (let at = from; at < to; at++) if (batch.kinds[at] === CALL) this.#call++;
    this.at = to;
    return { file, batch, from, to, firstCall };
  }
}

/** The events of all files. */
export interface Recording {
  /** The files, in the order in which they begin. */
  readonly files: readonly OpenFile[];
  /** Whether the files that carry times are joined by them. */
  readonly isJoined: boolean;
  /** The events in order, piece by piece; a piece is valid until the next one is asked for. */
  readonly pieces: AsyncGenerator<Piece>;
}

/**
 * Puts the events of several files in order. Files with times of one clock are joined by them; what
 * has none comes before, maps before traces.
 */
export async function inOrder(files: readonly OpenFile[]): Promise<Recording> {
  const streams = files.map((file) => new Stream(file));
  for (const stream of streams) await stream.fill();
  const timed = streams.filter(({ time }) => !Number.isNaN(time));
  const times = timed.map(({ time }) => time);
  const isJoined = timed.length > 1 && Math.max(...times) - Math.min(...times) < CLOCK_SECONDS;
  const isMap = ({ file }: Stream) => file.form.holds === "map";
  const rest = streams.filter((stream) => !isJoined || !timed.includes(stream));
  const ordered = [...rest.filter(isMap), ...rest.filter((stream) => !isMap(stream))];
  return {
    files: [...ordered, ...isJoined ? timed : []].map(({ file }) => file),
    isJoined,
    pieces: piecesOf(ordered, isJoined ? timed : []),
  };
}

async function* piecesOf(
  oneByOne: readonly Stream[],
  joined: readonly Stream[],
): AsyncGenerator<Piece> {
  for (const stream of oneByOne) {
    for (; stream.batch !== null; await stream.fill()) yield stream.take(stream.batch.length);
  }
  const left = [...joined];
  while (left.length > 0) {
    const { first, until } = earliest(left);
    yield first.take(endOfRun(first, until));
    await first.fill();
    if (first.batch === null) left.splice(left.indexOf(first), 1);
  }
}

/** The stream whose next event is the earliest, and the time at which another one is due. */
function earliest(streams: readonly Stream[]): { first: Stream; until: number } {
  let first = streams[0], until = Infinity;
  for (const stream of streams.slice(1)) {
    if (stream.time < first.time) {
      until = Math.min(until, first.time);
      first = stream;
    } else until = Math.min(until, stream.time);
  }
  return { first, until };
}

/** At least the next event; then all up to `until`, those without a time among them. */
function endOfRun({ batch, at }: Stream, until: number): number {
  const { times, length } = batch!;
  let to = at + 1;
  while (to < length && !(times[to] > until)) to++;
  return to;
}
