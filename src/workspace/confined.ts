/**
 * Theory of operation: a workspace belongs to a student whose programs can swap any name for a symbolic link at any
 * moment, so a path that was checked can lead elsewhere when it is used. Therefore no call here uses a path of more
 * than one name: each directory on the way is opened by its name in the previous one, without following links, and held
 * open; everything is then done through that descriptor (/proc/self/fd/N/NAME). Files are first opened with O_PATH,
 * which makes only a reference, then checked, and only a regular file is really opened: so a pipe never blocks us and a
 * device is never touched.
 */
import { constants, type BigIntStats } from "node:fs";
import { opendir } from "node:fs/promises";
import { systemCode, UserError } from "../base/errors.ts";
import { calls, Descriptor, fstat, lstat, O_PATH } from "./descriptor.ts";
import { kindOf, type EntryKind, type NotAFile } from "./entry.ts";
import { decodeName, shown } from "./file-names.ts";

const { O_DIRECTORY, O_NOFOLLOW, O_RDONLY, O_NONBLOCK } = constants;

/** The directory that `names` lead to from `top`, a trusted directory on disk; the caller closes it. */
export async function openDirectory(top: string, names: readonly Buffer[]): Promise<Descriptor> {
  let current = await Descriptor.open(top, O_PATH | O_DIRECTORY);
  for (const name of names) {
    using parent = current;
    current = await openChild(parent, name);
  }
  return current;
}

/** A directory opened by its name in another. Throws `not-a-directory`; for a link it says so. */
export async function openChild(parent: Descriptor, name: Buffer): Promise<Descriptor> {
  try {
    return await Descriptor.open(parent.at(name), O_PATH | O_DIRECTORY | O_NOFOLLOW);
  } catch (error) {
    const code = systemCode(error);
    if (code !== "ENOTDIR" && code !== "ELOOP") throw error;
    throw notADirectory(name, await kindAt(parent, name), error);
  }
}

function notADirectory(name: Buffer, kind: EntryKind | undefined, cause: unknown): UserError {
  const text = shown(decodeName(name));
  if (kind !== "link") return new UserError("not-a-directory", `not a folder: ${text}`, undefined, { cause });
  return new UserError(
    "not-a-directory",
    `not a folder: ${text} is a link, and classh does not follow links`,
    "Use the folder that it points to.",
    { cause },
  );
}

/** What has a name; undefined when nothing does. */
export async function kindAt(parent: Descriptor, name: Buffer): Promise<EntryKind | undefined> {
  const stats = await lstatIfThere(parent, name);
  return stats && kindOf(stats);
}

export async function lstatIfThere(parent: Descriptor, name: Buffer): Promise<BigIntStats | undefined> {
  try {
    return await lstat(parent.at(name));
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** A regular file opened for reading, which the caller closes; anything else is not opened and gives its kind. */
export async function openFile(parent: Descriptor, name: Buffer): Promise<Descriptor | NotAFile> {
  using reference = await Descriptor.open(parent.at(name), O_PATH | O_NOFOLLOW);
  const kind = kindOf(await fstat(reference));
  if (kind !== "file") return kind;
  return await Descriptor.open(reference.self, O_RDONLY | O_NONBLOCK);
}

/** At most `limit` names of a directory, in no order; reading stops there, however many there are. */
export async function readNames(directory: Descriptor, limit: number): Promise<readonly Buffer[]> {
  const names: Buffer[] = [];
  // The types allow only text encodings, but names that are not UTF-8 need bytes.
  const encoding = "buffer" as BufferEncoding;
  for await (const entry of await opendir(directory.self, { encoding, bufferSize: 256 })) {
    if (names.length >= limit) break;
    names.push(entry.name as unknown as Buffer);
  }
  return names;
}

/** Writes the names of a directory to the disk, so that changes of them survive a power loss. */
export async function syncDirectory(directory: Descriptor): Promise<void> {
  using readable = await Descriptor.open(directory.self, O_RDONLY | O_DIRECTORY);
  await calls.fsync(readable.fd);
}
