/**
 * The protocol between a child process and the race: a frame is a line that begins with the token of
 * the process. Everything else on standard output is the contenders' own and is dropped, whatever it
 * looks like and however much it is.
 */

/** Characters of the longest frame: a trial's answer has some hundred thousand. */
const LONGEST_FRAME = 2 ** 26;

/** `body` as a frame. A contender may have left a line open, so the frame begins with a new line. */
export function frame(token: string, body: string): string {
  return `\n${token}${body}\n`;
}

/** Finds frames in the bytes of standard output. */
export class FrameReader {
  readonly #token: string;
  readonly #decoder = new TextDecoder();
  /** The beginning of a line that may be a frame. */
  #open = "";
  /** Whether the line that is open has turned out to be none. */
  #isDropping = false;

  /** For frames that begin with `token`, a line's first characters. */
  constructor(token: string) {
    this.#token = token;
  }

  /** The bodies of the frames that end in `chunk`. */
  read(chunk: Uint8Array): string[] {
    const parts = this.#decoder.decode(chunk, { stream: true }).split("\n");
    const bodies: string[] = [];
    parts.forEach((part, i) => {
      this.#add(part);
      if (i === parts.length - 1) return;
      if (!this.#isDropping && this.#isFrame()) bodies.push(this.#open.slice(this.#token.length));
      this.#open = "";
      this.#isDropping = false;
    });
    return bodies;
  }

  #add(part: string): void {
    if (this.#isDropping) return;
    this.#open += part;
    const mayBeFrame = this.#isFrame() || this.#token.startsWith(this.#open);
    if (mayBeFrame && this.#open.length <= LONGEST_FRAME) return;
    this.#open = "";
    this.#isDropping = true;
  }

  #isFrame(): boolean {
    return this.#open.startsWith(this.#token);
  }
}
