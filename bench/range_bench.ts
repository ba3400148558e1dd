/** gfn ranges: which slots does [start, end) touch? */
import { benchGroup, place } from "./race/bench_group.ts";

await benchGroup(place("zap_8", 10));
await benchGroup(place("zap_8", 509));
await benchGroup(place("zap_8", 32764));
await benchGroup(place("zap_128", 509));
await benchGroup(place("zap_128", 32764));
await benchGroup(place("overlap_check", 509));
await benchGroup(place("zap_all", 3, "pc"));
