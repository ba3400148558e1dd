/** Changes: delete and create a slot, move one there and back. */
import { benchGroup, place } from "./race/bench_group.ts";

await benchGroup(place("move", 10));
await benchGroup(place("move", 509));
await benchGroup(place("move", 32764));
await benchGroup(place("recreate", 509));
await benchGroup(place("move_last", 509, "contiguous"));
