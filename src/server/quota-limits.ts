/**
 * Prints for bin/start what bin/prepare-quotas is to set: FIRST LAST KIBIBYTES ENTRIES; nothing when no kernel quotas
 * are wanted.
 */
import { processEnvironment } from "../config/environment.ts";
import { loadSettings } from "../config/load.ts";
import { projectRange } from "../workspace/project-quotas.ts";
import { countedEntries } from "../workspace/quota.ts";

const { disk, limits } = loadSettings({
  file: process.argv[2] || undefined,
  environment: processEnvironment(),
  flags: {},
});
const range = projectRange(disk.projectIds);
if (range) process.stdout.write(`${range.first} ${range.last} ${limits.workspaceMebibytes * 1024} ${countedEntries}\n`);
