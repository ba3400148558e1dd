/** Result files as they are written, and gone on with. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { ResultFileError } from "../../bench/record/result_error.ts";
import { readResultFile } from "../../bench/record/result_file.ts";
import { ResultWriter } from "../../bench/record/result_writer.ts";
import type { RunLine } from "../../bench/record/schema.ts";
import { inFolder } from "../support/folder.ts";
import { raceLines, textOf } from "../support/result_model.ts";

const LINES = raceLines({ processes: 3, rounds: 4 });
const RUN = LINES[0] as RunLine;

Deno.test("ResultWriter: what is written is read, each line with its checksum", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/new/run.jsonl`;
    using writer = await ResultWriter.create(path, RUN);
    for (const line of LINES.slice(1)) writer.append(line);
    assertEquals(await Deno.readTextFile(path), textOf(LINES));
    assertEquals(readResultFile(path).warnings, []);
  });
});

Deno.test("ResultWriter.create: takes an empty file, and no other", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/run.jsonl`;
    await Deno.writeTextFile(path, "");
    (await ResultWriter.create(path, RUN))[Symbol.dispose]();
    assertEquals(readResultFile(path).trials, []);
    const words = "results are never overwritten";
    await assertRejects(() => ResultWriter.create(path, RUN), ResultFileError, words);
    await assertRejects(() => ResultWriter.create(folder, RUN), ResultFileError, words);
  });
});

Deno.test("ResultWriter.create: a disk that is full at the first line leaves no file behind", async () => {
  await inFolder(async (folder) => {
    const write = Deno.FsFile.prototype.writeSync, path = `${folder}/run.jsonl`;
    Deno.FsFile.prototype.writeSync = () => {
      throw new Error("No space left on device (os error 28)");
    };
    try {
      const words = "run.jsonl: No space left on device";
      await assertRejects(() => ResultWriter.create(path, RUN), ResultFileError, words);
    } finally {
      Deno.FsFile.prototype.writeSync = write;
    }
    assertEquals([...Deno.readDirSync(folder)], []);
  });
});

Deno.test("ResultWriter.createNumbered: races that begin in one second have files of their own", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/run.jsonl`;
    const writers = await Promise.all(
      Array.from({ length: 5 }, () => ResultWriter.createNumbered(path, RUN)),
    );
    const names = writers.map(({ path }) => path.slice(folder.length + 1)).sort();
    for (const writer of writers) writer[Symbol.dispose]();
    assertEquals(names, ["run-2.jsonl", "run-3.jsonl", "run-4.jsonl", "run-5.jsonl", "run.jsonl"]);
  });
});

Deno.test("ResultWriter.resume: cuts off half a line when the first one is appended, not before", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/run.jsonl`, text = textOf(LINES.slice(0, 3));
    for (const [cut, trials] of [[text + '{"kind":"tri', 2], [text.trimEnd(), 2]] as const) {
      await Deno.writeTextFile(path, cut);
      {
        const { writer, file } = await ResultWriter.resume(path);
        using _ = writer;
        assertEquals(file.trials.length, trials);
        assertEquals(await Deno.readTextFile(path), cut);
      }
      assertEquals(await Deno.readTextFile(path), cut);
      {
        const { writer } = await ResultWriter.resume(path);
        using _ = writer;
        for (const line of LINES.slice(3)) writer.append(line);
      }
      assertEquals(await Deno.readTextFile(path), textOf(LINES));
    }
  });
});

Deno.test("ResultWriter.resume: locks before it reads, so that a second one harms nothing", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/run.jsonl`, half = textOf(LINES.slice(0, 2)) + "{";
    await Deno.writeTextFile(path, half);
    const { writer } = await ResultWriter.resume(path);
    using _ = writer;
    writer.append(LINES[2]);
    await assertRejects(
      () => ResultWriter.resume(path),
      ResultFileError,
      "another race is writing",
    );
    await assertRejects(() => ResultWriter.create(path, RUN), ResultFileError, "never overwritten");
    assertEquals(await Deno.readTextFile(path), textOf(LINES.slice(0, 3)));
  });
});

Deno.test("ResultWriter.resume: what is no file of a race is refused, and not touched", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/notes.txt`;
    await Deno.writeTextFile(path, "my notes");
    for (const place of [path, folder, `${folder}/none`, "/dev/null"]) {
      await assertRejects(() => ResultWriter.resume(place), ResultFileError);
    }
    assertEquals(await Deno.readTextFile(path), "my notes");
    assert((await Deno.stat(folder)).isDirectory);
  });
});
