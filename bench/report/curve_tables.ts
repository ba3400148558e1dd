/** How times grow with slots, and where contenders and the base change places. */
import type { Curve } from "../summary/growth.ts";
import type { Summary } from "../summary/summary.ts";
import { type Column, type Prose, prose, type Table, table } from "./table.ts";
import { interval, numeric, text } from "./value.ts";
import { crossoverWords, processWarnings } from "./verdict_words.ts";
import { listWords, placeWords } from "./words.ts";

type Grown = Curve["growth"][number];

const COLUMNS: readonly Column<Grown>[] = [
  { title: "contender", value: ({ contender }) => text(contender) },
  {
    title: "e",
    align: "right",
    value: (row) => numeric("exponent", exponentOf(row)?.point ?? NaN),
  },
  { title: "interval", value: (row) => interval("exponent", exponentOf(row)) },
  { title: "level", value: (row) => numeric("share", exponentOf(row)?.level) },
  {
    title: "between neighbours",
    value: ({ scaling }) =>
      scaling.kind === "cannot tell" ? text(`cannot tell: ${scaling.why}`) : {
        kind: "list",
        values: scaling.local.map(({ exponent }) => ({ kind: "exponent", value: exponent.point })),
      },
  },
];

function exponentOf({ scaling }: Grown) {
  return scaling.kind === "scaling" ? scaling.exponent : undefined;
}

/** The exponents of a curve. */
export function growthTable({ cell, slots, growth }: Curve): Table {
  const title = `Growth of ${placeWords(cell)}: ns ~ slots^e over ${slots.join(", ")} slots`;
  return table(title, { columns: COLUMNS, rows: growth });
}

/** Where each contender and the base change places; those that never do together. */
export function crossoverBlock({ cell, slots, crossovers }: Curve, { base }: Summary): Prose {
  const title = `Crossovers with ${base}: ${placeWords(cell)}, ${slots[0]} to ${
    slots.at(-1)
  } slots`;
  const lines = crossovers.filter(({ crossover }) => crossover.kind !== "never crosses")
    .map(({ contender, crossover }) => crossoverWords(crossover, { contender, base }));
  const together = [true, false].flatMap((wins) => {
    const names = crossovers.filter(({ crossover }) =>
      crossover.kind === "never crosses" && crossover.wins === wins
    ).map(({ contender }) => contender);
    if (names.length === 0) return [];
    const verb = `${wins ? "win" : "lose"}${names.length === 1 ? "s" : ""}`;
    return [`${listWords(names)} ${verb} at every slot count raced`];
  });
  return prose(title, [...lines, ...together, ...warningLines(crossovers)]);
}

/** What many crossings have to be told of, said once. */
function warningLines(crossovers: Curve["crossovers"]): string[] {
  const warned = crossovers.flatMap(({ contender, crossover }) =>
    crossover.kind === "crosses"
      ? processWarnings(crossover).map((warning) => ({ contender, warning }))
      : []
  );
  return [...Map.groupBy(warned, ({ warning }) => warning)].map(([warning, all]) => {
    return `(${listWords(all.map(({ contender }) => contender))}: ${warning})`;
  });
}
