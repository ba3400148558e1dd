import { z } from "zod";
import type { TrialLine } from "../record/schema.ts";

/** What memslots.c prints of each of its entries. */
export const NativeEntry = z.object({
  name: z.string().min(1),
  stepsPerBlock: z.int().min(1),
  /** The raw time of its block in each round. */
  ns: z.array(z.number().positive()).min(1),
});

/** What memslots.c prints of each of its entries. */
export type NativeEntry = z.infer<typeof NativeEntry>;

/** A process of each side on one cell, one straight after the other. */
export interface NativePair {
  readonly javaScript: TrialLine;
  readonly native: readonly NativeEntry[];
}
