/**
 * Prints for bin/start what bin/prepare-quotas is to set: FIRST LAST KIBIBYTES ENTRIES; nothing when no kernel quotas
 * are wanted.
 */
import { processEnvironment } from "../config/environment.ts";
import { loadSettings } from "../config/load.ts";
import { projectRange } from "../workspace/project-quotas.ts";

const { disk, limits } = loadSettings({
  file: process.argv[2] || undefined,
  environment: processEnvironment(),
  flags: {},
});
/** Inodes beyond what may be kept, which the server counts itself: a save needs one more for a moment, also of somebody who has too many. */
const entriesMargin = 1.5;
const range = projectRange(disk.projectIds);
const entries = Math.ceil(limits.workspaceEntries * entriesMargin);
if (range) process.stdout.write(`${range.first} ${range.last} ${limits.workspaceMebibytes * 1024} ${entries}\n`);
