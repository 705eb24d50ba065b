/** Runs on a disk with 4000 inodes: `few-inodes.ts DIRECTORY`. Prints as JSON what becomes of saves and of unsaved text when they are used up. */
import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { systemClock } from "../../../src/base/clock.ts";
import { DiskRoom } from "../../../src/base/disk-room.ts";
import { systemCode, UserError } from "../../../src/base/errors.ts";
import { silentLog } from "../../../src/base/log.ts";
import { Scope } from "../../../src/base/scope.ts";
import { Recovery } from "../../../src/session/recovery.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { makeFiles } from "../../workspace/fixture.ts";

const directory = process.argv[2] ?? "";
const filler = join(directory, "filler");
const reserve = join(directory, "reserve");

await using scope = new Scope("few inodes");
const room = scope.own(
  await DiskRoom.open({
    directory,
    reserveMebibytes: 0,
    reserveFileMebibytes: 1,
    keeps: true,
    clock: systemClock,
    log: silentLog,
  }),
);
const files = await makeFiles(scope, { base: directory, room });
await files.ada.writeText("a.py", "old\n");
const clock = new FakeClock();
const recovery = new Recovery({ directory: join(directory, "recovery"), clock, log: silentLog, room });
const session = scope.own(recovery.forSession("ada", "s1"));
await session.keep({ path: "/home/ada/a.py", text: "first", stamp: undefined, at: "" });
while (!(await exists(reserve))) await delay(100);

await useUp();
const savedByReserve = await outcomeOf(files.ada.writeText("a.py", "saved by the reserve\n", { overwrite: true }));
const reserveGivenUp = !(await exists(reserve));

await useUp();
const refused = await outcomeOf(files.ada.writeText("a.py", "too much\n", { overwrite: true }));
const whole = await readFile(join(files.home, "a.py"), "utf8");
// More than the five seconds of a file's life are over, and the next one would need a name.
clock.advance(6000);
const typedOn = await outcomeOf(session.keep({ path: "/home/ada/a.py", text: "typed on", stamp: undefined, at: "" }));
const [kept] = (await recovery.claim("ada", () => false, "s2")).entries;

await rm(filler, { recursive: true });
const savedAgain = await outcomeOf(files.ada.writeText("a.py", "after\n", { overwrite: true }));
while (!(await exists(reserve))) await delay(100);
const leftovers = (await readdir(files.home)).filter((name) => name.endsWith(".tmp"));
process.stdout.write(
  JSON.stringify({ savedByReserve, reserveGivenUp, refused, whole, typedOn, kept: kept?.text, savedAgain, leftovers }),
);

async function useUp(): Promise<void> {
  await mkdir(filler, { recursive: true }).catch(() => undefined);
  try {
    for (;;) await writeFile(join(filler, String(Math.random())), "");
  } catch (error) {
    if (systemCode(error) !== "ENOSPC") throw error;
  }
}

async function outcomeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "done";
  } catch (error) {
    return error instanceof UserError ? error.message : (systemCode(error) ?? String(error));
  }
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
