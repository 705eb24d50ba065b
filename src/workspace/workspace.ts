/** A person's view of the files: the path language, their permissions, and every file operation of the IDE. */
import type { Clock } from "../base/clock.ts";
import type { DiskRoom } from "../base/disk-room.ts";
import { UserError } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import type { ServerWrites } from "../base/server-writes.ts";
import { isTeacher, type DiskLocation, type Person, type Root, type Students, type VirtualFolder } from "./access.ts";
import { openFile, syncDirectory } from "./confined.ts";
import { copyTo } from "./copy.ts";
import { calls, Descriptor, fstat, lstat } from "./descriptor.ts";
import { entryOf, ownerMayWrite, type Entry } from "./entry.ts";
import { explained, notAFile } from "./file-failures.ts";
import { keptBytes } from "./kept-bytes.ts";
import { move } from "./move.ts";
import { listFolder, listStudents, type Listing } from "./listing.ts";
import { checkNewName } from "./file-names.ts";
import { PathAccess } from "./path-access.ts";
import { childPath, nameOf, shownFileName } from "./paths.ts";
import type { Quota, Usage } from "./quota.ts";
import { readWhole } from "./read.ts";
import { removeOne, removeTree } from "./remove.ts";
import { requireFileSize, requireFree, requireVersion, type VersionRule } from "./rules.ts";
import { saveNew, saveOver, writeAll, type SaveGuard, type Note } from "./save.ts";
import { stampOf, type Stamp } from "./stamp.ts";
import { decodeText, encodeText, type DecodedText, type TextFormat } from "./file-text.ts";
import type { KeyedMutex } from "./keyed-mutex.ts";
import { PathWatch, type Watch, type WatchListener, type WatchOptions } from "./watch.ts";

export type { Person, Root, Student, Students } from "./access.ts";
export type { Entry, EntryKind } from "./entry.ts";
export type { Listing } from "./listing.ts";
export type { Usage } from "./quota.ts";
export type { Stamp } from "./stamp.ts";
export type { LineEnding } from "./file-text.ts";
export type { FileChange, Watch } from "./watch.ts";

/** A text file that was read. */
export interface TextFile extends DecodedText {
  readonly stamp: Stamp;
  readonly writable: boolean;
  /** Bytes. */
  readonly size: number;
}

/** How a file is written. */
export interface WriteOptions extends TextFormat, VersionRule {
  readonly guard?: SaveGuard | undefined;
}

/** A change that somebody made to somebody else's files, without contents. */
export interface ForeignChange {
  readonly by: Person;
  /** Owner of the file. */
  readonly owner: string;
  readonly what: "write" | "folder" | "rename" | "remove";
  readonly path: string;
  /** Bytes of the old version of a written file; undefined where there was none. */
  readonly before?: number | undefined;
  readonly after?: number | undefined;
  /** New path of what was renamed or copied. */
  readonly to?: string | undefined;
}

/** What all workspaces of a server share. */
export interface Shared {
  /** DIR/files: trusted, unlike everything in the homes below it. */
  readonly directory: string;
  readonly fileBytes: number;
  readonly folderDepth: number;
  readonly folderEntries: number;
  readonly quota: Quota;
  /** One save, rename or delete at a time for each path. */
  readonly turns: KeyedMutex;
  readonly students: Students;
  readonly clock: Clock;
  readonly log: Log;
  /** Called after every change of somebody else's files, and awaited; if it fails, the change is reported as failed. */
  readonly onForeignChange?: ((change: ForeignChange) => Promise<void>) | undefined;
  /** Without it, room on the disk is not checked. */
  readonly room: DiskRoom | undefined;
  /** Whether the kernel counts each home as a project: then files can't be moved between homes, only copied. */
  readonly homesAreProjects: boolean;
  /** Where the server notes what it writes into homes, so that it is not taken for a program's writing. */
  readonly writes: ServerWrites;
}

interface From {
  readonly parent: Descriptor;
  readonly source: DiskLocation;
}

interface To {
  readonly newParent: Descriptor;
  readonly target: DiskLocation;
}

/**
 * The files as one person sees them. All methods take paths of the path language; the asynchronous ones never throw but
 * reject, with a `UserError` that a beginner can read.
 */
export class Workspace {
  readonly person: Person;
  readonly #shared: Shared;
  readonly #access: PathAccess;

  constructor(person: Person, shared: Shared) {
    this.person = person;
    this.#shared = shared;
    this.#access = new PathAccess(person, shared);
  }

  /** The top folders that this person sees. */
  roots(): readonly Root[] {
    return this.#access.roots;
  }

  /** Bytes of the largest file that may be written. */
  get fileBytes(): number {
    return this.#shared.fileBytes;
  }

  /** The absolute path that a person means: relative to their home, without `.`, `..` and `~`. */
  normalise(path: string): string {
    return this.#access.normalise(path);
  }

  /** The entry at a path. */
  async stat(path: string): Promise<Entry> {
    await this.#access.refresh(path);
    const location = this.#access.locate(path);
    if (location.kind === "virtual") return virtualEntry(location.path);
    return explained(location.path, async () => {
      using parent = await this.#access.openParent(location);
      return entryOf(location.path, await lstat(parent.at(location.name)), location.writable);
    });
  }

  /** The entries of a folder. */
  async list(path: string): Promise<Listing> {
    await this.#access.refresh(path);
    const location = this.#access.locate(path);
    if (location.kind === "virtual") return this.#listVirtual(location);
    return explained(location.path, async () => {
      using folder = await this.#access.open(location);
      if (location.path !== "/students") return await listFolder(folder, location, this.#shared.folderEntries);
      return await listStudents(folder, location, {
        students: this.#shared.students.list(this.person),
        writable: isTeacher(this.person),
      });
    });
  }

  async readText(path: string): Promise<TextFile> {
    const { bytes, stamp, writable } = await this.#read(path);
    return { ...decodeText(bytes, shownFileName(path)), stamp, writable, size: bytes.length };
  }

  async readBytes(path: string): Promise<Buffer> {
    return (await this.#read(path)).bytes;
  }

  /** Saves a text, completely or not at all; the stamp identifies this version. */
  async writeText(path: string, text: string, options: WriteOptions = {}): Promise<Stamp> {
    return this.writeBytes(path, encodeText(text, options), options);
  }

  async writeBytes(path: string, bytes: Buffer, options: WriteOptions = {}): Promise<Stamp> {
    await this.#access.refresh(path);
    const location = this.#access.writable(path);
    return this.#inTurn(location, async () => {
      requireFileSize(location, bytes.length, this.#shared.fileBytes);
      using parent = await this.#access.openParent(location);
      const before = await requireVersion(parent, location, options);
      const growth = keptBytes(bytes.length) - (before ? keptBytes(Number(before.size)) : 0);
      const added = before ? 0 : 1;
      await this.#shared.quota.admit(location.owner, growth, added);
      const note = this.#noteOf(location, "noteWritten");
      const fill = (fd: number): Promise<void> => writeAll(fd, bytes);
      const stamp = await this.#withReserve(() =>
        before
          ? saveOver(
              parent,
              location.name,
              { fill, mode: Number(before.mode & 0o777n), guard: options.guard, note },
              () => requireVersion(parent, location, options),
            )
          : saveNew(parent, location.name, { fill, mode: 0o644, guard: options.guard, note }),
      );
      this.#shared.quota.add(location.owner, growth, added);
      await this.#tellForeign(location, { what: "write", before: before && Number(before.size), after: bytes.length });
      return stamp;
    });
  }

  /** Makes an empty file. Rejects with `exists` when the name is taken. */
  async createFile(path: string): Promise<Stamp> {
    this.#requireRoom();
    return this.writeBytes(path, Buffer.alloc(0));
  }

  async createDirectory(path: string): Promise<void> {
    await this.#access.refresh(path);
    const location = this.#access.writable(path);
    checkNewName(nameOf(location.path));
    this.#requireRoom();
    return this.#inTurn(location, async () => {
      await this.#shared.quota.admit(location.owner, keptBytes(0), 1);
      using parent = await this.#access.openParent(location);
      await calls.mkdir(parent.at(location.name), 0o755);
      await this.#noteOf(location, "noteWritten")?.(await lstat(parent.at(location.name)));
      await syncDirectory(parent);
      this.#shared.quota.add(location.owner, keptBytes(0), 1);
      await this.#tellForeign(location, { what: "folder" });
    });
  }

  /** Moves a file or folder to another path; nothing is ever replaced. */
  async rename(from: string, to: string): Promise<void> {
    await this.#access.refresh(from, to);
    const source = this.#access.writable(from);
    const target = this.#access.writable(to);
    if (source.path === target.path) return;
    checkNewName(nameOf(target.path));
    await this.#inTurn(source, async () => {
      using parent = await this.#access.openParent(source);
      using newParent = await this.#access.openParent(target);
      await requireFree(newParent, target);
      if (source.owner !== target.owner) await this.#shared.quota.admitTree(target.owner, parent, source.name);
      if (source.owner !== target.owner && this.#shared.homesAreProjects)
        await this.#carry({ parent, source }, { newParent, target });
      else
        await move(
          { folder: parent, name: source.name },
          { folder: newParent, name: target.name },
          this.#noteOf(target, "noteMoved"),
        );
      if (source.owner !== target.owner) this.#forgetUsage(source, target);
      // A move from one student to another concerns both.
      await this.#tellForeign(source, { what: "rename", to: target.path });
      if (source.owner !== target.owner) await this.#tellForeign(target, { what: "write" });
    });
  }

  /** Deletes a file, a link or an empty folder; with `recursive` a folder and everything in it. */
  async remove(path: string, options: { readonly recursive?: boolean } = {}): Promise<void> {
    await this.#access.refresh(path);
    const location = this.#access.writable(path);
    return this.#inTurn(location, async () => {
      try {
        using parent = await this.#access.openParent(location);
        await (options.recursive ? removeTree : removeOne)(parent, location.name);
      } finally {
        this.#forgetUsage(location);
        // Also after a failure: part of it may be gone.
        await this.#tellForeign(location, { what: "remove" });
      }
    });
  }

  /** Copies a file or a folder to a free name. */
  async copy(from: string, to: string): Promise<void> {
    await this.#access.refresh(from, to);
    const source = this.#access.onDisk(from);
    const target = this.#access.writable(to);
    checkNewName(nameOf(target.path));
    if (`${target.path}/`.startsWith(`${source.path}/`))
      throw new UserError("bad-path", `can't copy ${shownFileName(source.path)} into itself`);
    this.#requireRoom();
    return this.#inTurn(target, async () => {
      using parent = await this.#access.openParent(source);
      using newParent = await this.#access.openParent(target);
      await requireFree(newParent, target);
      await this.#shared.quota.admitTree(target.owner, parent, source.name);
      await this.#copyTo({ parent, source }, { newParent, target });
      this.#forgetUsage(target);
      await this.#tellForeign(target, { what: "write" });
    });
  }

  /** What this person's own files use, at most a few seconds old. */
  async usage(): Promise<Usage> {
    return this.#shared.quota.usage(this.person.username);
  }

  /**
   * Watches files for changes, and folders for any change in them, until disposed, at a bounded rate whatever happens
   * there; at most 64 folders are watched. A person's own saves are reported too, with the stamp that saving returned.
   */
  watch(paths: readonly string[], listener: WatchListener, { restMs }: Pick<WatchOptions, "restMs"> = {}): Watch {
    const workspace = {
      entryAt: (path: string) => this.#entryIfThere(path),
      openFolder: (path: string) => {
        const location = this.#access.onDisk(path);
        return explained(location.path, () => this.#access.open(location));
      },
    };
    const real = paths.map((path) => this.#access.locate(path)).filter((location) => location.kind === "disk");
    return new PathWatch(
      real.map((location) => location.path),
      { workspace, listener, restMs, clock: this.#shared.clock, log: this.#shared.log },
    );
  }

  async #read(path: string): Promise<{ bytes: Buffer; stamp: Stamp; writable: boolean }> {
    await this.#access.refresh(path);
    const location = this.#access.onDisk(path);
    return explained(location.path, async () => {
      using parent = await this.#access.openParent(location);
      const opened = await openFile(parent, location.name);
      if (!(opened instanceof Descriptor)) throw notAFile(location.path, opened);
      using file = opened;
      // Taken before reading: if the file changes meanwhile, the stamp is an old one and the change is noticed.
      const stats = await fstat(file);
      requireFileSize(location, Number(stats.size), this.#shared.fileBytes);
      const bytes = await readWhole(file.fd, Number(stats.size), this.#shared.fileBytes);
      requireFileSize(location, bytes.length, this.#shared.fileBytes);
      return { bytes, stamp: stampOf(stats), writable: location.writable && ownerMayWrite(stats) };
    });
  }

  async #entryIfThere(path: string): Promise<Entry | undefined> {
    try {
      return await this.stat(path);
    } catch (error) {
      if (error instanceof UserError) return undefined;
      throw error;
    }
  }

  async #tellForeign(
    { owner, path }: DiskLocation,
    change: Omit<ForeignChange, "by" | "owner" | "path">,
  ): Promise<void> {
    if (owner === undefined || owner === this.person.username) return;
    await this.#shared.onForeignChange?.({ by: this.person, owner, path, ...change });
  }

  async #copyTo({ parent, source }: From, { newParent, target }: To): Promise<void> {
    const { fileBytes, folderDepth, folderEntries } = this.#shared;
    const bounds = { fileBytes, entries: folderEntries, depth: folderDepth, note: this.#noteOf(target, "noteWritten") };
    const kind = await copyTo({ folder: parent, name: source.name }, { folder: newParent, name: target.name }, bounds);
    if (kind) throw notAFile(source.path, kind);
  }

  /** Moves by copying; the source is removed only when the copy is complete and on the disk. */
  async #carry(from: From, to: To): Promise<void> {
    await this.#copyTo(from, to);
    await removeTree(from.parent, from.source.name);
  }

  /** What notes a write; undefined outside the homes, where no program's files are removed. */
  #noteOf({ owner }: DiskLocation, kind: "noteWritten" | "noteMoved"): Note | undefined {
    if (owner === undefined) return undefined;
    return (stats) => this.#shared.writes[kind](owner, stats);
  }

  #requireRoom(): void {
    this.#shared.room?.require("nothing new can be made");
  }

  /** Runs a save, which may use the server's reserve when the disk is full. */
  #withReserve<T>(work: () => Promise<T>): Promise<T> {
    return this.#shared.room ? this.#shared.room.withReserve(work) : work();
  }

  #forgetUsage(...locations: readonly DiskLocation[]): void {
    for (const location of locations) this.#shared.quota.forget(location.owner);
  }

  async #listVirtual(location: VirtualFolder): Promise<Listing> {
    const paths = location.children.map((name) => childPath(location.path, name));
    return { entries: await Promise.all(paths.map((path) => this.stat(path))), truncated: false };
  }

  #inTurn<T>(location: DiskLocation, work: () => Promise<T>): Promise<T> {
    const key = location.names.map((name) => name.toString("latin1")).join("/");
    return this.#shared.turns.run(key, () => explained(location.path, work));
  }
}

function virtualEntry(path: string): Entry {
  return {
    name: nameOf(path) || "/",
    path,
    kind: "directory",
    size: 0,
    modifiedAt: 0,
    writable: false,
    stamp: "virtual" as Stamp,
  };
}
