/** A series of any length in few points, for a picture of it. */

/** The most points that are kept; when it is reached, each two become one. */
const POINTS = 128;

/** Values in their order, as at most 128 points of equally many values each. */
export class Timeline {
  readonly #points: number[] = [];
  readonly #join: (a: number, b: number) => number;
  /** Values a point has. */
  #each = 1;
  /** Values that the last point has so far. */
  #held = 0;

  /** `how` two values become one: their sum, or the larger. */
  constructor(how: "sum" | "max") {
    this.#join = how === "sum" ? (a, b) => a + b : Math.max;
  }

  /** The points, in order; the last may be of fewer values. */
  get points(): readonly number[] {
    return this.#points;
  }

  /** Adds a value. */
  add(value: number): void {
    const points = this.#points;
    if (this.#held > 0 && this.#held < this.#each) {
      points[points.length - 1] = this.#join(points[points.length - 1], value);
      this.#held++;
      return;
    }
    if (points.length === POINTS) {
      for (let i = 0; i < POINTS / 2; i++) points[i] = this.#join(points[2 * i], points[2 * i + 1]);
      points.length = POINTS / 2;
      this.#each *= 2;
    }
    points.push(value);
    this.#held = 1;
  }
}
