/** The options of every command that reads a guest's map. */
import { type Moment, momentOf } from "../traces/moment.ts";
import { UsageError } from "./exit.ts";
import type { Value } from "./options.ts";

/** A moment of a log. */
const moment: Value<Moment> = {
  value: "last|LINE|TIME",
  parse(texts, option) {
    const text = texts[texts.length - 1], found = momentOf(text);
    if (found !== null) return found;
    throw new UsageError(
      `Cannot use ${option} ${text} as it must be last, a line or a time, such as 120 or 734.66`,
    );
  },
};

/** What is said of both options wherever a map is read. */
export const MAP_OPTIONS = {
  at: {
    ...moment,
    default: "last",
    help: "the map at that line of its log, or at that time by the log's clock",
  },
  midway: {
    help:
      "the log begins when slots exist already: deletions of slots that it has not created are ignored",
  },
} as const;
