/** A child process for tests of `runChild`: its job is the text of what it does with its `desk`. */
import { type Desk, takeJob } from "../../bench/process/job.ts";

const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor as new (
  ...text: string[]
) => (desk: Desk<string>) => Promise<void>;

if (import.meta.main) {
  const desk = takeJob<string>();
  await new AsyncFunction("desk", desk.job)(desk);
}
