/** Point lookups: which slot holds this gfn? */
import { benchGroup, place, recordedPlace } from "./race/bench_group.ts";

await benchGroup(place("find_uniform", 3, "pc"));
await benchGroup(place("find_uniform", 10));
await benchGroup(place("find_uniform", 128));
await benchGroup(place("find_uniform", 509));
await benchGroup(place("find_uniform", 4096));
await benchGroup(place("find_uniform", 32764));
await benchGroup(place("find_misses", 509));
await benchGroup(place("find_zipf", 509));
await benchGroup(recordedPlace("guest_accesses"));
await benchGroup(recordedPlace("guest_first_touch"));
