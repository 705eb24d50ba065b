/**
 * Theory of operation: the copying itself, with synchronous calls, since it has a thread of its own (tree-thread.ts).
 * The program that owns the files may swap any name meanwhile. So each entry is opened by its name in the open folder
 * above it, without following links; what was opened decides what is done, whatever the name leads to by then. What its
 * folder calls a regular file is opened for reading directly: if it has become a pipe or a folder, the call does not
 * wait and nothing is done to it. Anything else is first opened as a reference (O_PATH), which touches nothing.
 */
import {
  chmodSync,
  constants,
  copyFileSync,
  fchmodSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  opendirSync,
  readSync,
  writeSync,
  type BigIntStats,
  type Dirent,
} from "node:fs";
import { systemCode, UserError } from "../base/errors.ts";
import { Descriptor, O_PATH } from "./descriptor.ts";
import { keptBytes } from "./kept-bytes.ts";
import { decodeName } from "./file-names.ts";
import { stampOf, type Stamp } from "./stamp.ts";

const { O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY, COPYFILE_EXCL, COPYFILE_FICLONE } =
  constants;

/** Does not wait for the other side of a pipe, or for a program that holds a lease on the file. */
const forReading = O_RDONLY | O_NONBLOCK;

/** A copy to make. */
export interface CopyQuestion {
  /** Descriptor of the open home, in this process; it stays open until the copy is made. */
  readonly home: number;
  /** Where the copy goes: an empty directory on disk that only the server can change. */
  readonly directory: string;
  /** Bound of bytes of all files. */
  readonly bytes: number;
  /** Bound of files and folders. */
  readonly entries: number;
  /** Bound of nested folders. */
  readonly depth: number;
}

/** A file that was copied. */
export interface CopiedFile {
  /** Path below the home, with slashes. */
  readonly path: string;
  /** The version in the home that was copied. */
  readonly home: Stamp;
  readonly copy: Stamp;
}

/** Called with files that were copied. */
export type TellCopied = (files: readonly CopiedFile[]) => void;

/** Files told at once. */
const batch = 250;

/**
 * Size up to which files are read and written by ourselves, which takes a third of the calls; larger ones may share
 * blocks.
 */
const small = 1 << 16;

const elsewhere = "Run the program where it is: attach to the session and drive.";

/**
 * Copies a home. Throws `quota-exceeded`, `too-many-entries`, `too-deep`, `disk-full` or `unreadable`; what was copied
 * by then stays.
 */
export function copyHome(question: CopyQuestion, tell: TellCopied): void {
  try {
    using home = Descriptor.openSync(`/proc/self/fd/${question.home}`, O_PATH | O_DIRECTORY);
    using copy = Descriptor.openSync(question.directory, O_PATH | O_DIRECTORY);
    const copying = new Copying(question, tell);
    copying.folder({ source: home, target: copy, path: "", depth: question.depth });
    copying.end();
  } catch (error) {
    throw explained(error);
  }
}

/** A folder and its copy, both open. */
interface FolderPair {
  readonly source: Descriptor;
  readonly target: Descriptor;
  /** Path below the home with a slash at the end; "" for the home itself. */
  readonly path: string;
  /** Levels that may still follow, this folder included. */
  readonly depth: number;
}

class Copying {
  readonly #question: CopyQuestion;
  readonly #tell: TellCopied;
  readonly #buffer = Buffer.allocUnsafeSlow(small);
  #bytes: number;
  #entries: number;
  #copied: CopiedFile[] = [];

  constructor(question: CopyQuestion, tell: TellCopied) {
    this.#question = question;
    this.#tell = tell;
    this.#bytes = question.bytes;
    this.#entries = question.entries;
  }

  /** Copies the entries of a folder. */
  folder(pair: FolderPair): void {
    // The types allow only text encodings, but names that are not UTF-8 need bytes.
    const entries = opendirSync(pair.source.self, { encoding: "buffer" as BufferEncoding, bufferSize: 256 });
    try {
      for (let entry = entries.readSync(); entry; entry = entries.readSync()) {
        if (--this.#entries < 0)
          throw new UserError(
            "too-many-entries",
            `too many files to copy: more than ${this.#question.entries}`,
            elsewhere,
          );
        this.#entry(pair, entry);
      }
    } finally {
      entries.closeSync();
    }
  }

  /** Tells of files not told yet. */
  end(): void {
    this.#tell(this.#copied);
    this.#copied = [];
  }

  #entry({ source, target, path, depth }: FolderPair, entry: Dirent): void {
    const name = entry.name as unknown as Buffer;
    try {
      using opened = Descriptor.openSync(source.at(name), (entry.isFile() ? forReading : O_PATH) | O_NOFOLLOW);
      const stats = fstatSync(opened.fd, { bigint: true });
      const to = target.at(name);
      const toPath = path + decodeName(name);
      if (stats.isDirectory()) this.#subfolder({ source: opened, to, path: `${toPath}/`, depth: depth - 1 }, stats);
      else if (!stats.isFile()) return;
      else if (entry.isFile()) this.#file(opened, stats, to, toPath);
      else {
        using file = Descriptor.openSync(opened.self, forReading);
        this.#file(file, stats, to, toPath);
      }
    } catch (error) {
      // Gone or replaced meanwhile, not readable even for its owner, or held by a program of theirs (a lease).
      if (!["ENOENT", "ELOOP", "ENXIO", "EACCES", "EAGAIN"].includes(systemCode(error) ?? "")) throw error;
    }
  }

  /** Makes the copy of a folder at `to`, and copies its entries. */
  #subfolder({ to, ...folder }: Omit<FolderPair, "target"> & { readonly to: Buffer }, stats: BigIntStats): void {
    if (folder.depth < 1) throw new UserError("too-deep", "the folders are too deep to copy", elsewhere);
    mkdirSync(to, 0o700);
    using copy = Descriptor.openSync(to, O_PATH | O_DIRECTORY | O_NOFOLLOW);
    this.folder({ ...folder, target: copy });
    const mode = (Number(stats.mode) & 0o777) | 0o700;
    if (mode !== 0o700) chmodSync(copy.self, mode);
  }

  /**
   * Copies a file. While it is open nobody can take a lease on it, which would make us wait as long as a program likes.
   */
  #file(file: Descriptor, stats: BigIntStats, to: Buffer, path: string): void {
    const size = Number(stats.size);
    this.#spend(keptBytes(size));
    const copied = size <= small ? this.#write(file, stats, to) : share(file, to);
    // It may have grown while it was copied.
    this.#spend(Math.max(0, keptBytes(Number(copied.size)) - keptBytes(size)));
    this.#copied.push({ path, home: stampOf(stats), copy: stampOf(copied) });
    if (this.#copied.length >= batch) this.end();
  }

  /** Copies as many bytes as the file was said to have: by now it may have fewer. */
  #write(file: Descriptor, stats: BigIntStats, to: Buffer): BigIntStats {
    const size = Number(stats.size);
    const mode = Number(stats.mode) & 0o7777;
    using copy = Descriptor.openSync(to, O_WRONLY | O_CREAT | O_EXCL, mode);
    let length = 0;
    for (let read = -1; read !== 0 && length < size; length += read)
      read = readSync(file.fd, this.#buffer, length, size - length, length);
    for (let written = 0; written < length;) written += writeSync(copy.fd, this.#buffer, written, length - written);
    const copied = fstatSync(copy.fd, { bigint: true });
    if ((Number(copied.mode) & 0o7777) !== mode) fchmodSync(copy.fd, mode); // the mask of this process
    return copied;
  }

  #spend(bytes: number): void {
    this.#bytes -= bytes;
    if (this.#bytes < 0)
      throw new UserError(
        "quota-exceeded",
        "the files are too large to copy: more than an account may keep",
        "Files that are not needed have to be deleted first.",
      );
  }
}

/** Copies by the descriptor: the file that was checked, whatever its name leads to by now. */
function share(file: Descriptor, to: Buffer): BigIntStats {
  copyFileSync(file.self, to, COPYFILE_EXCL | COPYFILE_FICLONE);
  return lstatSync(to, { bigint: true });
}

/** An error of the disk as what a person can do about it; other errors unchanged. */
function explained(error: unknown): unknown {
  switch (systemCode(error)) {
    case "ENOSPC":
    case "EDQUOT":
      return new UserError(
        "disk-full",
        "the disk has no room for a copy of the student's files",
        "Tell an admin, or attach to the student's session and drive.",
        { cause: error },
      );
    case "EACCES":
      return new UserError(
        "unreadable",
        "the student's files can't be read: a program has removed the permission to read their home",
        "It comes back when the student logs in.",
        { cause: error },
      );
    case "EIO":
    case "ESTALE":
      return new UserError(
        "unreadable",
        "the disk has an error: the student's files can't be copied",
        "Try again. If it happens again, tell an admin.",
        { cause: error },
      );
    default:
      return error;
  }
}
