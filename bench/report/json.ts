/** The answer of each file as JSON, for programs, with a schema made from its validator. */
import { z } from "zod";
import { Answer } from "../summary/answer.ts";
import { clean } from "./words.ts";

/** What `--format json` gives. */
const Answers = z.array(Answer).describe("the answer of each file, in the order given");

/** The answers as JSON; their texts are fit for a terminal. */
export function jsonOf(answers: readonly Answer[]): string {
  const cleaned = (_: string, value: unknown) => typeof value === "string" ? clean(value) : value;
  return JSON.stringify(Answers.parse(answers), cleaned, 2);
}

/** The JSON Schema of `jsonOf`. */
export function answerSchema(): Record<string, unknown> {
  return z.toJSONSchema(Answers);
}
