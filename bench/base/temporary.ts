import { chown, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Scope } from "../../src/base/scope.ts";
import type { Account } from "./child.ts";

/** A directory that is gone when the scope closes. Its path is short, since sockets below it may have at most 107 bytes. */
export async function temporaryDirectory(scope: Scope, name: string, owner?: Account): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), `classh-bench-${name}-`));
  scope.defer(() => rm(directory, { recursive: true, force: true, maxRetries: 5 }));
  if (owner) await chown(directory, owner.uid, owner.gid);
  return directory;
}
