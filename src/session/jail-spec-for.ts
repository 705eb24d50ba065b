import type { Settings } from "../config/schema.ts";
import type { JailSpec } from "../runner/jail-spec.ts";
import type { Person } from "../workspace/workspace.ts";
import type { Workspaces } from "../workspace/workspaces.ts";

/**
 * The jail of a person's programs: what they see of the file system, and how much they may store. `directory` replaces
 * the home.
 */
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
    workspaceEntries: limits.workspaceEntries,
    ...(directory === undefined ? { serverWritesFile: workspaces.serverWritesFile(person.username) } : {}),
    // The kernel's quota covers homes, not copies of them.
    quotaByKernel: directory === undefined && workspaces.hasKernelQuota(person.username),
  };
}
