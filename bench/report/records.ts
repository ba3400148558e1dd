/** Every statistic of every entry of the files as one table: what CSV gives. */
import type { Machine } from "../summary/machines.ts";
import type { Compared } from "./labelled.ts";
import { STATISTICS } from "./statistics.ts";
import { type Column, type Table, table } from "./table.ts";
import { type Against, VERSUS_STATISTICS } from "./versus_tables.ts";
import { numeric, text } from "./value.ts";
import { workloadWords } from "./words.ts";

/** Where a cell ran; of several machines of one kind the hosts. */
const MACHINE_FIELDS: readonly (readonly [field: string, of: (machine: Machine) => string])[] = [
  ["host", ({ host }) => host],
  ["cpu", ({ environment }) => environment.cpu],
  ["os", ({ environment }) => environment.os],
  ["arch", ({ environment }) => environment.arch],
  ["kernel", ({ environment }) => environment.kernel],
  ["deno", ({ environment }) => environment.deno],
  ["v8", ({ environment }) => environment.v8],
];

const COLUMNS: readonly Column<Against>[] = [
  { fields: ["file"], value: ({ label }) => text(label) },
  { fields: ["path"], value: ({ summary }) => text(summary.path) },
  { fields: ["started_at"], value: ({ summary: { run } }) => text(run.startedAt) },
  ...MACHINE_FIELDS.map(([field, of]): Column<Against> => ({
    fields: [field],
    value: ({ cell: { machines } }) => text([...new Set(machines.map(of))].join(" + ")),
  })),
  { fields: ["commit"], value: ({ summary: { run } }) => text(run.commit) },
  {
    fields: ["seed"],
    value: ({ summary }) =>
      numeric("count", summary.run.kind === "race" ? summary.run.seed : undefined),
  },
  { fields: ["workload"], value: ({ cell: { cell } }) => text(workloadWords(cell)) },
  { fields: ["layout"], value: ({ cell: { cell } }) => text(cell.layout) },
  { fields: ["slots"], value: ({ cell: { cell } }) => numeric("count", cell.slots) },
  { fields: ["origin_gfn"], value: ({ cell: { cell } }) => numeric("count", cell.originGfn) },
  { fields: ["condition"], value: ({ cell: { cell } }) => text(cell.condition) },
  { fields: ["last_used"], value: ({ cell: { cell } }) => text(cell.lastUsed) },
  { fields: ["engine"], value: ({ cell: { cell } }) => text(cell.engine) },
  { fields: ["unit"], value: ({ cell }) => text(cell.unit) },
  ...STATISTICS,
  ...VERSUS_STATISTICS,
];

/** One row for each file, cell and entry (twin and floor included), with every field. */
export function recordTable(files: readonly Compared[]): Table {
  const rows = files.flatMap(({ label, summary, versus }) =>
    summary.cells.flatMap((cell) =>
      cell.entries.map((entry): Against => (
        { label, summary, cell, entry, versus: versus?.of(cell.cell, entry.name), isFirst: true }
      ))
    )
  );
  return table("", { columns: COLUMNS, rows });
}
