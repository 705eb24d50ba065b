/** Saves one file again and again, until it is killed: `save-forever.ts DIRECTORY`. */
import { silentLog } from "../../../src/base/log.ts";
import { Workspaces } from "../../../src/workspace/workspaces.ts";
import { ada, limits, students } from "../fixture.ts";

const workspace = new Workspaces({
  directory: process.argv[2] ?? "",
  limits,
  students: students([]),
  log: silentLog,
}).for(ada);
for (let round = 0; ; round++) {
  await workspace.writeText("a.py", String(round % 10).repeat(300_000), { overwrite: true });
  process.stdout.write(".");
}
