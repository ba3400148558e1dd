/** `deno task trace`: what is in a recording of a guest's memory map and accesses. */
import { fold } from "../report/text.ts";
import { clean, wholeWords } from "../report/words.ts";
import { Digest } from "../traces/digest.ts";
import { GuestMap } from "../traces/guest_map.ts";
import type { Locality } from "../traces/locality.ts";
import { fileSource } from "../traces/lines.ts";
import { upTo } from "../traces/moment.ts";
import { inOrder, type Recording } from "../traces/order.ts";
import { bar, sparkline } from "../traces/picture.ts";
import { FORMS, openFile } from "../traces/readers.ts";
import { GUEST_CHANGES } from "../workloads/own_guest.ts";
import { command } from "./command.ts";
import { EXIT } from "./exit.ts";
import { MAP_OPTIONS } from "./map_options.ts";
import { checkStandardInput, shellWord } from "./project.ts";
import type { Io } from "./terminal.ts";

/** The command. */
export const TRACE = command({
  name: "trace",
  summary: "What is in a recording of a guest's memory",
  about: "Reads maps and traces, plain or gzipped, from files or pipes (-), in any number: " +
    FORMS.map(({ summary }) => summary).join("; ") +
    ". Files with the same clock are joined by time; " +
    "otherwise the maps come first.",
  operands: { words: "FILE...", least: 1, most: 1000 },
  options: MAP_OPTIONS,
  examples: [
    ["trace boot.log accesses.gz", "a map, and what the guest touched"],
    ["trace --at 120 boot.log", "the map after the first 120 lines"],
  ],
  permissions: "read",
  exits: [],
  async run({ values: { at, midway }, operands }, io) {
    checkStandardInput(operands);
    const digest = new Digest(new GuestMap({ isMidway: midway })), files = [];
    for (const path of operands) {
      const file = await openFile(fileSource(path));
      files.push(file.form.holds === "map" ? upTo(file, at) : file);
    }
    const recording = await inOrder(files);
    for await (const piece of recording.pieces) digest.take(piece);
    digest.end();
    io.out(describe(recording, digest, io).join("\n"));
    for (const line of raceLines(operands, recording, digest)) io.out(line);
    return EXIT.fine;
  },
});

/**
 * The command that races the recording, and the one that races its changes alone; none where it has no
 * map, or several, or is read from a pipe.
 */
function raceLines(
  operands: readonly string[],
  { files }: Recording,
  { map, hits, misses }: Digest,
): string[] {
  const maps = files.filter(({ form }) => form.holds === "map").map(({ reading }) => reading.name);
  const traces = operands.filter((path) => !maps.includes(path));
  // One file of a form that has calls and lookups is the map and the trace.
  if (maps.length === 0 && files.length === 1) maps.push(files[0].reading.name);
  if (maps.length !== 1 || map.size === 0 || operands.includes("-")) return [];
  const trace = hits + misses === 0
    ? ""
    : ` --trace ${traces.map((word) => shellWord(word)).join(",")}`;
  const race = `deno task race --quick --map ${shellWord(maps[0])}${trace}`;
  const { create, delete: deleted, move } = map.changes;
  return [
    `Race it:  ${race}`,
    ...create + deleted + move > 0 ? [`Changes:  ${race} --workload ${GUEST_CHANGES}`] : [],
  ];
}

const LABEL = 10;

/** Lines under labels, folded to the screen; a label without words is left out. */
function describe(recording: Recording, digest: Digest, { width }: Io): string[] {
  const room = Math.max(40, Math.min(width, 80)), picture = Math.min(40, room - 40);
  const rows: (readonly [label: string, lines: readonly string[]])[] = [
    ["files", fileLines(recording, room - LABEL)],
    ["events", [digest.events.map(([name, count]) => `${name} ${wholeWords(count)}`).join(", ")]],
    ["map", mapLines(digest, picture)],
    ["lookups", lookupLines(digest, picture)],
    ["by slot", placeLines(digest, picture)],
    ["strides", strideLines(digest.locality)],
    ["reuse", reuseLines(digest.locality, picture)],
    ["pages", pageLines(digest.locality, picture)],
    ["notes", noteLines(recording, digest)],
  ];
  return rows.flatMap(([label, lines]) =>
    lines.flatMap((line) => fold(line, room - LABEL))
      .map((line, i) => (i === 0 ? label : "").padEnd(LABEL) + line)
  );
}

/** The most files that are shown one by one. */
const SHOWN_FILES = 4;

function fileLines({ files, isJoined }: Recording, room: number): string[] {
  const shown = files.slice(0, SHOWN_FILES).map(({ form, reading }) => {
    const what = `${form.name}, ${countWords(reading.line, "line")}`;
    const path = clean(reading.name), least = room - what.length - 2;
    return `${path.length > least ? `...${path.slice(3 - least)}` : path}: ${what}`;
  });
  const rest = files.length - shown.length;
  return [
    ...shown,
    ...rest > 0 ? [`and ${rest} more`] : [],
    ...isJoined ? ["joined by time"] : [],
  ];
}

function mapLines({ map, slotCounts, mostSlots }: Digest, picture: number): string[] {
  const { create, delete: deleted, move, flags, nothing } = map.changes;
  const changes = create + deleted + move + flags + nothing;
  if (changes + map.size + map.refusedCalls === 0) return [];
  const other = map.slots(1).length, of1 = other > 0 ? `, ${other} in address space 1` : "";
  const size = `${countWords(map.size, "slot")}${of1}`;
  if (changes + map.refusedCalls === 0) return [`${size}, as listed`];
  return [
    `${size} at the end, ${mostSlots} at most ${sparkline(slotCounts.points, picture)}`,
    ([
      [create, "created"],
      [deleted, "deleted"],
      [move, "moved"],
      [flags, "with other flags"],
      [nothing, "as before"],
      [map.refusedCalls, "refused"],
    ] as const).filter(([count]) => count > 0)
      .map(([count, what]) => `${wholeWords(count)} ${what}`).join(", "),
  ];
}

function lookupLines(digest: Digest, picture: number): string[] {
  const { hits, misses, cacheHits, missCounts, lookupCounts } = digest, all = hits + misses;
  if (all === 0) return [];
  if (!digest.map.isKnown) return [`${wholeWords(all)}; no map to find them in`];
  const shares = missCounts.points.map((misses, i) => misses / lookupCounts.points[i]);
  return [
    `${wholeWords(all)}: ${wholeWords(hits)} hit, ${wholeWords(misses)} miss; ` +
    `${percent(cacheHits, all)} in the slot of the last hit`,
    ...misses > 0
      ? [`${percent(misses, all)} miss ${sparkline(shares, picture)} over the trace`]
      : [],
  ];
}

/** The most slots that are shown one by one. */
const SHOWN_SLOTS = 5;

function placeLines({ places, hits, misses }: Digest, picture: number): string[] {
  const all = hits + misses, runs = places.slice(0, SHOWN_SLOTS);
  if (runs.length === 0) return [];
  const shown = runs.reduce((sum, { lookups }) => sum + lookups, 0);
  const rows = [
    ...runs.map(({ baseGfn, endGfn, lookups }) =>
      [`[${hex(baseGfn)}, ${hex(endGfn)})`, lookups] as const
    ),
    ["others", hits - shown] as const,
    ["no slot", misses] as const,
  ].filter(([, lookups]) => lookups > 0);
  const wide = Math.max(...rows.map(([words]) => words.length));
  return rows.map(([words, lookups]) =>
    `${words.padEnd(wide)} ${percent(lookups, all).padStart(6)} ${
      bar(lookups / all, Math.max(10, picture - 10))
    }`
  );
}

function strideLines({ strides: { same, neighbour, near, far } }: Locality): string[] {
  const all = same + neighbour + near + far;
  if (all === 0) return [];
  return [
    `${percent(same, all)} the same page, ${percent(neighbour, all)} the next or the one before, ` +
    `${percent(near, all)} within 2 MiB, ${percent(far, all)} further`,
  ];
}

function reuseLines({ reuse, lookups }: Locality, picture: number): string[] {
  const again = reuse.reduce((sum, count) => sum + count, 0);
  if (again === 0) return lookups === 0 ? [] : ["no page comes again"];
  const last = reuse.findLastIndex((count) => count > 0);
  return [
    `${
      sparkline([...reuse.slice(0, last + 1)], picture)
    } after 1, 2, 4, ... lookups; half within ` +
    `${wholeWords(within(reuse, 0.5 * again))}, nine tenths within ${
      wholeWords(within(reuse, 0.9 * again))
    }`,
  ];
}

/** The number of lookups within which `count` of the pages come again: a power of two. */
function within(reuse: Float64Array, count: number): number {
  let sum = 0;
  const at = reuse.findIndex((n) => (sum += n) >= count);
  return 2 ** ((at === -1 ? reuse.length - 1 : at) + 1);
}

function pageLines({ pages, isExact, workingSets, lookups }: Locality, picture: number): string[] {
  if (lookups === 0) return [];
  const all = `${isExact ? "" : "about "}${wholeWords(pages)} (${
    wholeWords(Math.ceil(pages / 256))
  } MiB)`;
  const { points } = workingSets;
  if (points.length < 2) return [all];
  const least = Math.min(...points), most = Math.max(...points);
  return [
    `${all}; in 65,536 lookups ${wholeWords(least)} to ${wholeWords(most)} ${
      sparkline(points, picture)
    }`,
  ];
}

function noteLines({ files }: Recording, { map, backwards }: Digest): string[] {
  const notes = files.flatMap(({ reading }) => {
    const { strangeLines, firstStrangeLines, lostEvents, remark } = reading;
    const name = clean(reading.name), more = strangeLines > firstStrangeLines.length ? ", ..." : "";
    const line = backwards.get(reading.name);
    return [
      ...remark === "" ? [] : [`${name}: ${remark}`],
      ...strangeLines === 0 ? [] : [
        `${name}: ${countWords(strangeLines, "line")} not understood: ${
          firstStrangeLines.join(", ")
        }${more}`,
      ],
      ...lostEvents === 0 ? [] : [`${name}: the recorder lost ${wholeWords(lostEvents)} events`],
      ...line === undefined ? [] : [`${name}: time goes back at line ${line}`],
    ];
  });
  const { refusals, refusedCalls, assumedDeletions } = map;
  const refused = refusals.map(({ line, errno, isByRules, otherwise }) => {
    const who = isByRules ? "by the rules" : "by the kernel";
    const rules = otherwise === ""
      ? ""
      : otherwise === "taken"
      ? "; the rules would take it"
      : `; the rules say ${otherwise}`;
    return `line ${line} (${errorName(errno)} ${who}${rules})`;
  });
  const more = refusedCalls > refusals.length ? ", ..." : "";
  return [
    ...notes,
    ...refused.length === 0 ? [] : [`refused: ${refused.join(", ")}${more}`],
    ...assumedDeletions === 0 ? [] : [
      `${countWords(assumedDeletions, "deletion")} of slots from before the log began`,
    ],
  ];
}

function errorName(errno: number): string {
  return errno === 17 ? "EEXIST" : errno === 22 ? "EINVAL" : `errno ${errno}`;
}

function countWords(count: number, noun: string): string {
  return `${wholeWords(count)} ${noun}${count === 1 ? "" : "s"}`;
}

function percent(part: number, all: number): string {
  const share = 100 * part / all;
  return `${share > 0 && share < 0.05 ? "<0.1" : share.toFixed(1)} %`;
}

function hex(gfn: number): string {
  return `0x${gfn.toString(16)}`;
}
