/** Whether the lines of a file are of the race that its first line plans. */
import { cellKey, type Line, type Plan } from "./schema.ts";

/** What a plan has: built once, and asked for every line. */
export class Planned {
  readonly #cells: ReadonlySet<string>;
  readonly #engines: ReadonlySet<string>;
  readonly #names: ReadonlySet<string>;
  readonly #processes: number;
  readonly #rounds: number;

  /** Of the plan in a file's first line. */
  constructor({ cells, contenders, processes, rounds }: Plan) {
    this.#cells = new Set(cells.map(cellKey));
    this.#engines = new Set(cells.map(({ engine }) => engine));
    this.#names = new Set(contenders.map(({ name }) => name));
    this.#processes = processes;
    this.#rounds = rounds;
  }

  /** What a line has that the plan has not, in words; null if there is nothing. */
  foreignIn(line: Line): string | null {
    switch (line.kind) {
      case "run":
      case "end":
        return null;
      case "gate":
        return this.#engines.has(line.engine)
          ? this.#foreignName([line.name])
          : `the engine ${line.engine}`;
      case "probe":
        return this.#foreignPlace(line) ?? this.#foreignName(line.entries.map(({ name }) => name));
      case "trial":
        return this.#foreignPlace(line) ?? this.#foreignTrial(line);
    }
  }

  #foreignTrial({ process, rounds, entries }: Extract<Line, { kind: "trial" }>): string | null {
    if (process >= this.#processes) return `process ${process}, counted from 0`;
    if (rounds !== undefined && rounds > this.#rounds) return `${rounds} rounds`;
    const contenders = entries.filter(({ role }) => role === "contender");
    return this.#foreignName(contenders.map(({ name }) => name));
  }

  #foreignPlace({ cell, group }: Extract<Line, { kind: "trial" | "probe" }>): string | null {
    if (!this.#cells.has(cellKey(cell))) return `a cell of ${cell.workload}, ${cell.slots} slots`;
    return group === undefined ? null : this.#foreignName([group]);
  }

  #foreignName(names: readonly string[]): string | null {
    const foreign = names.find((name) => !this.#names.has(name));
    return foreign === undefined ? null : `the contender ${foreign}`;
  }
}
