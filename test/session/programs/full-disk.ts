/** Runs on a disk of 8 MiB: `full-disk.ts DIRECTORY`. Prints as JSON what becomes of unsaved text and of a save there. */
import { readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { systemClock } from "../../../src/base/clock.ts";
import { DiskRoom } from "../../../src/base/disk-room.ts";
import { systemCode } from "../../../src/base/errors.ts";
import { silentLog } from "../../../src/base/log.ts";
import { Scope } from "../../../src/base/scope.ts";
import { Recovery } from "../../../src/session/recovery.ts";
import { makeFiles } from "../../workspace/fixture.ts";

const directory = process.argv[2] ?? "";
const filler = join(directory, "filler");
const reserve = join(directory, "reserve");

await using scope = new Scope("full disk");
const room = scope.own(
  await DiskRoom.open({
    directory,
    reserveMebibytes: 0,
    reserveFileMebibytes: 2,
    keeps: true,
    clock: systemClock,
    log: silentLog,
  }),
);
while (!(await exists(reserve))) await delay(100);
const files = await makeFiles(scope, { base: directory, room });
await files.ada.writeText("a.py", "old ".repeat(5000));
const recovery = new Recovery({ directory: join(directory, "recovery"), clock: systemClock, log: silentLog, room });
const session = scope.own(recovery.forSession("ada", "s1"));
await session.keep({ path: "/home/ada/a.py", text: "first", stamp: undefined, at: "" });

await fillUp();
const typed = "typed on a full disk ".repeat(10_000);
const keptByReserve = await codeOf(session.keep({ path: "/home/ada/a.py", text: typed, stamp: undefined, at: "" }));
const reserveGivenUp = !(await exists(reserve));
const savedByReserve = await codeOf(files.ada.writeText("a.py", "new ".repeat(20_000), { overwrite: true }));

await fillUp();
const refused = await codeOf(
  session.keep({ path: "/home/ada/a.py", text: `${typed}and more`.repeat(3), stamp: undefined, at: "" }),
);
const stillThere = await newest();

await rm(filler);
const keptAgain = await codeOf(session.keep({ path: "/home/ada/a.py", text: "after", stamp: undefined, at: "" }));
const afterwards = await newest();
while (!(await exists(reserve))) await delay(100);
const leftovers = (await readdir(join(directory, "recovery/ada"))).filter((name) => name.endsWith(".tmp"));
process.stdout.write(
  JSON.stringify({
    keptByReserve,
    reserveGivenUp,
    savedByReserve,
    refused,
    oldKept: stillThere === typed,
    keptAgain,
    afterwards,
    leftovers,
  }),
);

async function fillUp(): Promise<void> {
  for (let size = 1 << 20; size >= 4096;) {
    try {
      await writeFile(filler, Buffer.alloc(size), { flag: "a" });
    } catch {
      size /= 2;
    }
  }
}

async function newest(): Promise<string> {
  const folder = join(directory, "recovery/ada");
  const [name = ""] = (await readdir(folder)).filter((each) => each.endsWith(".jsonl"));
  // The last line that is whole counts.
  const lines = (await readFile(join(folder, name), "utf8")).split("\n").slice(0, -1);
  return (JSON.parse(lines.at(-1) ?? "{}") as { text: string }).text;
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "done";
  } catch (error) {
    return systemCode(error) ?? String(error);
  }
}
