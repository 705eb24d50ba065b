/**
 * Keeps what a student's program wrote to its copy: file by file, as the person who keeps it would save it. The
 * student's own edits are never undone: a file that the student is editing, or has saved since the copy was made, stays
 * as it is and is listed. Nothing is deleted.
 */
import { may, type Role } from "../auth/roles.ts";
import { UserError } from "../base/errors.ts";
import type { LockManager } from "../locks/lock-manager.ts";
import type { WrittenFile } from "../workspace/home-copy.ts";
import { shown } from "../workspace/file-names.ts";
import type { SaveGuard } from "../workspace/save.ts";
import type { Workspace } from "../workspace/workspace.ts";
import { lockName } from "./edit-locks.ts";
import { ownerText, parseOwner } from "./lock-owner.ts";
import type { StudentSandbox } from "./student-sandboxes.ts";

/** Who keeps, and under which locks. */
export interface KeepOptions {
  readonly person: { readonly username: string; readonly name: string | undefined; readonly role: Role };
  /** The session that asks, or any name that nobody else uses. */
  readonly session: string;
  readonly workspace: Workspace;
  readonly locks: LockManager;
  /** The guard for saving a document of this session, which may have one of the files open. */
  readonly guardOf?: (path: string) => SaveGuard | undefined;
}

/** What was kept and what was not. */
export interface Kept {
  /** Paths below /students, fit to be shown. */
  readonly kept: readonly { readonly path: string; readonly bytes: number }[];
  /** Files that were not kept, and why. */
  readonly skipped: readonly { readonly path: string; readonly why: string }[];
  /** False when there was more than is kept at once. */
  readonly complete: boolean;
}

/**
 * Keeps the files. Throws `not-permitted` for a person who may not write to students' files, and `database-unavailable`
 * while it can't be known who edits what.
 */
export async function keepWritten(student: StudentSandbox, options: KeepOptions): Promise<Kept> {
  if (!may(options.person.role, "students.files"))
    throw new UserError("not-permitted", "you may read students' files, but not change them", "Ask a professor.");
  const { files, complete } = await student.copy.written();
  const kept: { path: string; bytes: number }[] = [];
  const skipped: { path: string; why: string }[] = [];
  for (const file of files.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
    const path = `/students/${student.student}/${file.path}`;
    try {
      const bytes = await keepOne(student, file, path, options);
      if (bytes !== undefined) kept.push({ path: shown(path), bytes });
    } catch (error) {
      if (!(error instanceof UserError) || error.code === "database-unavailable") throw error;
      skipped.push({ path: shown(path), why: error.message });
    }
  }
  return { kept, skipped, complete };
}

/** Keeps one file. Resolves with its size in bytes; undefined when its content was the same. */
async function keepOne(
  student: StudentSandbox,
  file: WrittenFile,
  path: string,
  options: KeepOptions,
): Promise<number | undefined> {
  const { workspace } = options;
  if (file.size > workspace.fileBytes) throw new UserError("too-large", "it is too large for a file");
  const bytes = await student.copy.read(file, workspace.fileBytes);
  if (bytes === undefined) return undefined;
  if (file.from !== undefined && (await workspace.readBytes(path)).equals(bytes)) return undefined;
  await makeFolders(workspace, path);
  const stamp = await underLock(path, options, (guard) =>
    workspace.writeBytes(path, bytes, { expected: file.from, guard }),
  );
  student.copy.kept(file, stamp);
  return bytes.length;
}

/** Creates the folders that the program made for its file. */
async function makeFolders(workspace: Workspace, path: string): Promise<void> {
  const names = path.split("/");
  for (let length = 4; length < names.length; length++) {
    try {
      await workspace.createDirectory(names.slice(0, length).join("/"));
    } catch (error) {
      if (!(error instanceof UserError) || error.code !== "exists") throw error;
    }
  }
}

/** Saves under the file's edit lock, which nobody else may hold. */
async function underLock<T>(
  path: string,
  { person, session, locks, guardOf }: KeepOptions,
  save: (guard: SaveGuard | undefined) => Promise<T>,
): Promise<T> {
  const own = guardOf?.(path);
  if (own) return await save(own);
  const attempt = await locks.tryAcquire(lockName(path), { owner: ownerText(person, session) });
  if (!attempt.lock) throw new UserError("in-use", `it is being edited by ${parseOwner(attempt.holder.owner).name}`);
  const { lock } = attempt;
  try {
    return await save((makeVisible) => locks.fenced(lock, (fence) => makeVisible(() => fence.check())));
  } finally {
    await lock.release();
  }
}

/** What was kept, in sentences for one line. */
export function keptSentence({ kept, skipped, complete }: Kept): string {
  const [first] = skipped;
  const parts = [kept.length === 0 ? "Nothing was kept: the program wrote nothing new." : `Kept: ${names(kept)}.`];
  if (first && kept.length === 0) parts.pop();
  if (first) parts.push(`Not kept: ${names(skipped)} (${first.why}).`);
  if (!complete) parts.push("There is more: do it again to keep the rest.");
  return parts.join(" ");
}

function names(paths: readonly { readonly path: string }[]): string {
  const first = paths.slice(0, 5).map(({ path }) => path.split("/").slice(3).join("/"));
  return first.join(", ") + (paths.length > 5 ? ` and ${paths.length - 5} more` : "");
}
