import { z } from "zod";
import type { TrialLine } from "../record/schema.ts";

/** What a native program prints of each of its entries. */
export const NativeEntry = z.object({
  name: z.string().min(1),
  stepsPerBlock: z.int().min(1),
  /** The raw time of its block in each round. */
  ns: z.array(z.number().positive()).min(1),
});

/** What a native program prints of each of its entries. */
export type NativeEntry = z.infer<typeof NativeEntry>;

/** A process of JavaScript and one of each native program on one cell, one straight after the other. */
export interface NativePair {
  readonly javaScript: TrialLine;
  /** The contenders' designs and the limits in C; none where the cell is of changes. */
  readonly designs: readonly NativeEntry[];
  /** Maps that one would use instead. */
  readonly peers: readonly NativeEntry[];
}
