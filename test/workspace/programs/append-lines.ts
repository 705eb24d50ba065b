/** Appends lines to one file that others append to as well, each line over the version that was read: `append-lines.ts DIRECTORY NAME LINES`. */
import { setTimeout as delay } from "node:timers/promises";
import { UserError } from "../../../src/base/errors.ts";
import { silentLog } from "../../../src/base/log.ts";
import { Workspaces } from "../../../src/workspace/workspaces.ts";
import { ada, limits, students } from "../fixture.ts";

const [directory = "", name = "", lines = "0"] = process.argv.slice(2);
const workspace = new Workspaces({ directory, limits, students: students([]), log: silentLog }).for(ada);
for (let line = 1; line <= Number(lines);) {
  const { text, stamp } = await workspace.readText("a.py");
  try {
    await workspace.writeText("a.py", `${text}${name} ${line}\n`, { expected: stamp });
    line++;
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== "changed-on-disk") throw error;
    await delay(Math.random() * 5); // somebody else was first
  }
}
