/** Which cells a race has on the map of a guest of the user's own. */
import { globPattern, isGlob } from "../record/glob.ts";
import { type Guest, GUEST_CHANGES, GUEST_TRACE } from "../workloads/own_guest.ts";
import { type Place, type Workload, WORKLOADS } from "../workloads/workloads.ts";

/** A guest to race on. */
export interface RacedGuest extends Guest {
  /** The layout that it is kept under. */
  readonly layout: string;
}

/** What any map can be asked, unless workloads are named: beside what the guest did itself. */
const USUAL = ["find_uniform", "find_misses", "zap_8", "move_find"];

/** A layout of which any map with holes is one: what is asked on it can be asked of a guest's. */
const ANY_MAP = "scattered";

/** The places of the workloads, names or globs; null and the reason where one cannot be raced. */
export function guestPlaces(
  { layout, slots, gfns, log }: RacedGuest,
  words: readonly string[] | undefined,
): readonly Place[] | { readonly refused: string } {
  const own = [
    ...gfns.length > 0 ? [GUEST_TRACE] : [],
    ...log.length > 0 ? [GUEST_CHANGES] : [],
  ];
  const fits = ({ layouts, least = 1 }: Workload) =>
    layouts.includes(ANY_MAP) && slots.length >= least;
  const chosen: string[] = [];
  for (const word of words ?? [...own, ...USUAL]) {
    const known = [...WORKLOADS.filter(fits).map(({ name }) => name), ...own];
    const found = isGlob(word) ? known.filter((name) => globPattern(word).test(name)) : [word];
    const isAsked = words !== undefined;
    const good = found.filter((name) => known.includes(name));
    if (isAsked && good.length === 0) return { refused: `${word} on ${layout}: ${whyNot(word)}` };
    chosen.push(...good);
  }
  return [...new Set(chosen)].map((workload) => {
    return { workload, layout, slots: slots.length, originGfn: 0 };
  });

  function whyNot(word: string): string {
    if (word === GUEST_TRACE) return "it needs a --trace with lookups";
    if (word === GUEST_CHANGES) return "it needs a --map that is a log of changes";
    const least = WORKLOADS.find(({ name }) => name === word)?.least ?? 1;
    if (slots.length < least) return `it needs ${least} slots`;
    return "it is not asked of a map of one's own";
  }
}
