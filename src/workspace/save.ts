/**
 * Theory of operation: a file is never written in place. Its new content goes to a temporary file beside it, is brought to the
 * disk, and takes the old one's name in one step; then the directory is brought to the disk. Whenever this stops, at a
 * full disk or a power cut, the old file is whole. A crash can leave the temporary file: leftovers.ts removes it later.
 */
import { randomBytes } from "node:crypto";
import { constants, type BigIntStats } from "node:fs";
import { systemCode } from "../base/errors.ts";
import { syncDirectory } from "./confined.ts";
import { calls, Descriptor, fstat } from "./descriptor.ts";
import { reservedPrefix } from "./names.ts";
import { stampOf, type Stamp } from "./stamp.ts";

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
const newFile = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;

export interface FileContent {
  /** Writes the content to the open file. */
  readonly fill: (fd: number) => Promise<void>;
  /** Permission bits. */
  readonly mode: number;
  readonly guard?: Guard | undefined;
  /** Told of the file when its content is whole and nobody can see it yet. */
  readonly note?: Note | undefined;
}

export type Note = (stats: BigIntStats) => Promise<void>;

/**
 * Lets the one step happen that makes a save visible, or throws. It calls `place` once, with a check that runs right before that
 * step: a lock's fence puts its transaction around it. The content is on the disk by then, so the guard is held shortly.
 */
export type Guard = (place: (atLast: () => void) => Promise<void>) => Promise<void>;

/** Puts a file where there is none. Rejects with EEXIST when there is something by then; nothing is ever replaced. */
export function saveNew(parent: Descriptor, name: Buffer, content: FileContent): Promise<Stamp> {
  return save(parent, content, async (temporary, atLast) => {
    atLast();
    await moveWithoutReplacing(parent, temporary, parent, name);
  });
}

/** Replaces a file. `check` runs at the last moment, and keeps the old file by throwing. */
export function saveOver(parent: Descriptor, name: Buffer, content: FileContent, check: () => Promise<void>): Promise<Stamp> {
  return save(parent, content, async (temporary, atLast) => {
    await check();
    atLast();
    await calls.rename(parent.at(temporary), parent.at(name));
  });
}

async function save(parent: Descriptor, content: FileContent, place: (temporary: Buffer, atLast: () => void) => Promise<void>): Promise<Stamp> {
  const temporary = temporaryName();
  using file = await Descriptor.open(parent.at(temporary), newFile, 0o600);
  try {
    await content.fill(file.fd);
    await calls.fchmod(file.fd, content.mode);
    await calls.fsync(file.fd);
    const stats = await fstat(file);
    const stamp = stampOf(stats);
    await content.note?.(stats);
    if (content.guard) await content.guard((atLast) => place(temporary, atLast));
    else await place(temporary, unguarded);
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
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await calls.write(fd, bytes, done, bytes.length - done, null);
    done += bytesWritten;
  }
}

/**
 * Gives a file another name, and rejects with EEXIST when that is taken. `rename` would replace what is there, and Node.js
 * has no RENAME_NOREPLACE; making a second hard link fails when the name exists, in one step. Crashing between link and
 * unlink leaves both names, never none.
 */
export async function moveWithoutReplacing(from: Descriptor, name: Buffer, to: Descriptor, newName: Buffer): Promise<void> {
  try {
    await calls.link(from.at(name), to.at(newName));
  } catch (error) {
    if (!["EPERM", "ENOTSUP", "EOPNOTSUPP", "EMLINK"].includes(systemCode(error) ?? "")) throw error;
    return await moveOntoReservation(from, name, to, newName);
  }
  await calls.unlink(from.at(name));
}

/** For file systems without hard links, and files of another account: an empty file holds the name until the rename. */
async function moveOntoReservation(from: Descriptor, name: Buffer, to: Descriptor, newName: Buffer): Promise<void> {
  using reservation = await Descriptor.open(to.at(newName), newFile, 0o600);
  try {
    await calls.rename(from.at(name), to.at(newName));
  } catch (error) {
    if ((await fstat(reservation)).size === 0n) await unlinkIfThere(to, newName);
    throw error;
  }
}

export function temporaryName(): Buffer {
  return Buffer.from(`${reservedPrefix}${randomBytes(8).toString("hex")}.tmp`);
}

async function unlinkIfThere(parent: Descriptor, name: Buffer): Promise<void> {
  try {
    await calls.unlink(parent.at(name));
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
  }
}
