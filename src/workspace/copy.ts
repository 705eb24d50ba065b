/** Copies of files and folders under free names. */
import { UserError } from "../base/errors.ts";
import { openChild, openFile, readNames, syncDirectory } from "./confined.ts";
import { calls, Descriptor, fstat, lstat, type FolderEntry } from "./descriptor.ts";
import type { NotAFile } from "./entry.ts";
import { removeTree } from "./remove.ts";
import { saveNew, writeAll, type Note } from "./save.ts";

/** The bounds of a copy. */
export interface CopyBounds {
  /** Bytes of one file. */
  readonly fileBytes: number;
  /** Files and folders in all. */
  readonly entries: number;
  /** Nested folders. */
  readonly depth: number;
  /** Called with each file and folder of the copy. */
  readonly note?: Note | undefined;
}

const chunk = 256 << 10;

/**
 * Copies to a free name; rejects with EEXIST when it is taken. Links, pipes and the like inside a folder are left out.
 * A copy that fails half-way is removed. Resolves with the kind of the source if that can't be copied, otherwise
 * undefined.
 */
export async function copyTo(from: FolderEntry, to: FolderEntry, bounds: CopyBounds): Promise<NotAFile | undefined> {
  const kind = await copyFile(from, to, bounds);
  if (kind !== "directory") return kind;
  using source = await openChild(from.folder, from.name);
  await calls.mkdir(to.folder.at(to.name), 0o755);
  await bounds.note?.(await lstat(to.folder.at(to.name)));
  try {
    await copyInto(source, to, { bounds, left: bounds.entries }, bounds.depth);
  } catch (error) {
    await removeTree(to.folder, to.name);
    throw error;
  }
  await syncDirectory(to.folder);
  return undefined;
}

/** What a copy may still take. */
interface Budget {
  readonly bounds: CopyBounds;
  /** Files and folders left. */
  left: number;
}

async function copyInto(source: Descriptor, to: FolderEntry, budget: Budget, depth: number): Promise<void> {
  const { bounds } = budget;
  using target = await openChild(to.folder, to.name);
  for (const name of await readNames(source, budget.left + 1)) {
    if (budget.left-- <= 0)
      throw new UserError(
        "too-many-entries",
        `too many files to copy: the limit is ${bounds.entries}`,
        "Copy smaller folders, one at a time.",
      );
    const kind = await copyFile({ folder: source, name }, { folder: target, name }, bounds);
    if (kind !== "directory") continue;
    if (depth <= 1)
      throw new UserError(
        "too-deep",
        `folders can be at most ${bounds.depth} levels deep`,
        "Copy a folder further down.",
      );
    using child = await openChild(source, name);
    await calls.mkdir(target.at(name), 0o755);
    await bounds.note?.(await lstat(target.at(name)));
    await copyInto(child, { folder: target, name }, budget, depth - 1);
  }
}

/** Copies a regular file; for anything else resolves with its kind. */
async function copyFile(from: FolderEntry, to: FolderEntry, bounds: CopyBounds): Promise<NotAFile | undefined> {
  const opened = await openFile(from.folder, from.name);
  if (!(opened instanceof Descriptor)) return opened;
  using source = opened;
  const { mode } = await fstat(source);
  // The owner may change the copy, even if the original (of the course) was read-only.
  await saveNew(to.folder, to.name, {
    fill: (fd) => pump(source.fd, fd, bounds.fileBytes),
    mode: (Number(mode) & 0o111) | 0o644,
    note: bounds.note,
  });
  return undefined;
}

async function pump(from: number, to: number, maxBytes: number): Promise<void> {
  const buffer = Buffer.allocUnsafe(chunk);
  for (let done = 0; ;) {
    const { bytesRead } = await calls.read(from, buffer, 0, chunk, done);
    if (bytesRead === 0) return;
    done += bytesRead;
    if (done > maxBytes) throw Object.assign(new Error("file grew over the limit"), { code: "EFBIG" });
    await writeAll(to, buffer.subarray(0, bytesRead));
  }
}
