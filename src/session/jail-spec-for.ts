import type { Settings } from "../config/schema.ts";
import type { JailSpec } from "../runner/jail-spec.ts";
import type { Person } from "../workspace/workspace.ts";
import type { Workspaces } from "../workspace/workspaces.ts";

/** What a person's programs see of the file system, and how much they may store. `directory` stands in the home's place. */
export function jailSpecFor(
  workspaces: Workspaces,
  limits: Settings["limits"],
  person: Person,
  directory?: string,
): JailSpec {
  const home = `/home/${person.username}`;
  const mounts = workspaces.hostMounts(person, directory);
  const own = mounts.find((mount) => mount.target === home);
  if (!own) throw new Error(`no home among the mounts of ${person.username}`);
  return {
    owner: person.username,
    mounts,
    directory: home,
    home,
    workspaceDirectory: own.source,
    workspaceBytes: limits.workspaceMebibytes * 2 ** 20,
    ...(directory === undefined ? { serverWritesFile: workspaces.serverWritesFile(person.username) } : {}),
    // A copy of a home is no home.
    quotaByKernel: directory === undefined && workspaces.hasKernelQuota(person.username),
  };
}
