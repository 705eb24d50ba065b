/**
 * Theory of operation: a file is never written in place. Its new content goes to a temporary file beside it, is synced
 * to the disk, and takes the old file's name in one step (replace.ts); then the directory is synced. Wherever this
 * stops, at a full disk or a power cut, the old file is whole. A crash can leave the temporary file: leftovers.ts
 * removes it later.
 */
import { randomBytes } from "node:crypto";
import type { BigIntStats } from "node:fs";
import { syncDirectory } from "./confined.ts";
import { calls, Descriptor, fstat } from "./descriptor.ts";
import { reservedPrefix } from "./file-names.ts";
import { moveWithoutReplacing, newFile, unlinkIfThere } from "./without-replacing.ts";
import { replace, type VersionSwap } from "./replace.ts";
import { stampOf, type Stamp } from "./stamp.ts";

/** The new content of a file. */
export interface FileContent {
  /** Writes the content to the open file. */
  readonly fill: (fd: number) => Promise<void>;
  /** Permission bits. */
  readonly mode: number;
  readonly guard?: SaveGuard | undefined;
  /** Called with the file when its content is complete and nobody can see it yet. */
  readonly note?: Note | undefined;
}

/** Called with a file that the server has just written, or is about to move. */
export type Note = (stats: BigIntStats) => Promise<void>;

/**
 * Permits the one step that makes a save visible, or throws. It calls `publish` once, with a check that runs right
 * before that step: the fence of a lock puts its transaction around it. The content is on the disk by then, so the
 * guard is held for a short time.
 */
export type SaveGuard = (publish: (atLast: () => void) => Promise<void>) => Promise<void>;

/** Saves a file under a free name. Rejects with EEXIST when it is taken by then; nothing is ever replaced. */
export function saveNew(parent: Descriptor, name: Buffer, content: FileContent): Promise<Stamp> {
  return save(parent, content, async (temporary, atLast) => {
    atLast();
    await moveWithoutReplacing(parent, temporary, parent, name);
  });
}

/**
 * Replaces the version of a file that `check` returns, and no other; `check` throws to keep the old file, see
 * replace.ts.
 */
export function saveOver(
  parent: Descriptor,
  name: Buffer,
  content: FileContent,
  check: VersionSwap["check"],
): Promise<Stamp> {
  return save(parent, content, (temporary, atLast, file) => replace({ parent, name, temporary, file, check, atLast }));
}

type PublishStep = (temporary: Buffer, atLast: () => void, file: Descriptor) => Promise<void>;

async function save(parent: Descriptor, content: FileContent, publish: PublishStep): Promise<Stamp> {
  const temporary = temporaryName();
  using file = await Descriptor.open(parent.at(temporary), newFile, 0o600);
  try {
    await content.fill(file.fd);
    await calls.fchmod(file.fd, content.mode);
    await calls.fsync(file.fd);
    const stats = await fstat(file);
    const stamp = stampOf(stats);
    await content.note?.(stats);
    if (content.guard) await content.guard((atLast) => publish(temporary, atLast, file));
    else await publish(temporary, unguarded, file);
    await syncDirectory(parent);
    return stamp;
  } catch (error) {
    await unlinkIfThere(parent, temporary);
    throw error;
  }
}

function unguarded(): void {}

/** Writes all bytes: one call may write fewer. */
export async function writeAll(fd: number, bytes: Buffer): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await calls.write(fd, bytes, done, bytes.length - done, null);
    done += bytesWritten;
  }
}

export function temporaryName(): Buffer {
  return Buffer.from(`${reservedPrefix}${randomBytes(8).toString("hex")}.tmp`);
}
