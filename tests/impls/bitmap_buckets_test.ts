import { BitmapBuckets } from "../../impls/bitmap_buckets.ts";
import { checkAgainstScan } from "../support/changes.ts";

Deno.test("BitmapBuckets keeps its invariants under random changes", () => {
  checkAgainstScan((slots) => new BitmapBuckets(slots));
});

Deno.test("BitmapBuckets answers at 2^40, with outliers, and with many slots", () => {
  checkAgainstScan((slots) => new BitmapBuckets(slots), { originGfn: 2 ** 40, outliers: 0.1 });
  checkAgainstScan((slots) => new BitmapBuckets(slots), { outliers: 0.01, slots: 200 });
  checkAgainstScan((slots) => new BitmapBuckets(slots), {
    slots: 900,
    spanGfn: 1e6,
    checkEvery: 97,
  });
});
