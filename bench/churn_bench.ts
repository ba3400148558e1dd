/** Changes and lookups of what they changed: delete and create a slot, move one there and back. */
import { benchGroup, place } from "./race/bench_group.ts";

await benchGroup(place("move_find", 10));
await benchGroup(place("move_find", 509));
await benchGroup(place("move_find", 32764));
await benchGroup(place("recreate_find", 509));
await benchGroup(place("move_last_find", 509, "contiguous"));
