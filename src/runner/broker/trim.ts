/**
 * Theory of operation: a program can write faster than anybody counts, so after its end more may be there than its
 * owner may keep. A kernel quota would have refused those bytes; here they are removed afterwards. What the run made
 * goes first, the largest files before the smaller ones, until it fits; where there are too many, the smallest ones. Folders that the run
 * made go with what was in them. Where that is not enough, older files that grew are cut at their end. What the person saved in the editor
 * meanwhile is as new as what the program wrote, and may be as small: it stays in any case, since the server notes what
 * it writes itself (base/server-writes.ts). Files that were there before and did not change stay, too. No list of files
 * is kept: a first walk counts the bytes in files of each size (powers of two), a second one removes.
 */
import { constants, closeSync, fstatSync, ftruncateSync, openSync, rmdirSync, unlinkSync, type Stats } from "node:fs";
import { systemCode } from "../../base/errors.ts";
import { ServerWritesReader } from "../../base/server-writes.ts";
import { isNew, isSince, Links, topBytes, walkAll, type Folder, type Visitor } from "./tree-usage.ts";

/** What to remove, and where. */
export interface TrimQuestion {
  readonly directories: readonly string[];
  /** When the run began and ended (wall-clock milliseconds): what was made or changed in between is the run's. */
  readonly from: number;
  readonly until: number;
  /** Bytes on disk that may stay, and entries. */
  readonly maxBytes: number;
  readonly maxEntries: number;
  /** File with the notes about what the server itself wrote there. */
  readonly serverWritesFile?: string | undefined;
}

/** What was removed or cut. */
export interface Trimmed {
  readonly files: number;
  readonly bytes: number;
  /** Names of some of the files, as the program chose them: about the largest. */
  readonly names: readonly string[];
}

/** Files that are named. */
const maxNames = 3;

/** Files are never cut to less than this. */
const minCut = 1 << 16;

/**
 * Allowance for times of files: they may lag behind Date.now(), see tree-usage.ts, or be later than the end by the time
 * that a kill takes.
 */
const killMs = 1000;

/** Removes what a run wrote beyond what may stay. Everybody who could write has ended, or is held to the same limit. */
export function* trim(question: TrimQuestion): Generator<void, Trimmed> {
  return yield* new Trimming(question).run();
}

class Trimming {
  readonly #question: TrimQuestion;
  readonly #writes: ServerWritesReader;
  readonly #trimmed = { files: 0, bytes: 0, names: [] as string[] };
  readonly #made = new Sizes();
  readonly #grown = new Sizes();
  #bytesOver: number;
  #entriesOver: number;

  constructor(question: TrimQuestion) {
    this.#question = question;
    this.#writes = new ServerWritesReader(question.serverWritesFile);
    this.#bytesOver = topBytes(question.directories) - question.maxBytes;
    this.#entriesOver = -question.maxEntries;
  }

  *run(): Generator<void, Trimmed> {
    yield* this.#count();
    for (const size of this.#made.downTo(this.#bytesOver))
      yield* this.#removeMade(
        (bytes) => bytes >= size,
        () => this.#bytesOver <= 0,
      );
    for (const size of this.#made.upTo(this.#entriesOver))
      yield* this.#removeMade(
        (bytes) => sizeClass(bytes) <= size,
        () => this.#entriesOver <= 0,
      );
    // Folders alone.
    if (!this.#enough())
      yield* this.#removeMade(
        () => true,
        () => this.#enough(),
      );
    if (this.#bytesOver > 0) yield* this.#cutGrown(Math.max(minCut, this.#grown.limitFor(this.#bytesOver)));
    return this.#trimmed;
  }

  *#count(): Generator<void> {
    const links = new Links();
    yield* this.#walk(
      {
        visit: (folder, name, stats) => {
          const bytes = links.met(stats) ? 0 : bytesOf(stats);
          this.#bytesOver += bytes;
          this.#entriesOver++;
          if (stats.isDirectory()) return;
          const origin = this.#originOf(folder, name, stats);
          if (origin === "made") this.#made.add(bytes);
          else if (origin === "grown") this.#grown.add(bytes);
        },
      },
      never,
    );
  }

  /** Removes files that the run made, of the sizes that are asked for, and folders that it made and that are empty. */
  *#removeMade(which: (bytes: number) => boolean, enough: () => boolean): Generator<void> {
    const isMade = (folder: Folder, name: Buffer, stats: Stats): boolean =>
      !enough() && this.#originOf(folder, name, stats) === "made";
    yield* this.#walk(
      {
        visit: (folder, name, stats) => {
          if (stats.isDirectory() || !which(bytesOf(stats)) || !isMade(folder, name, stats)) return;
          // While it has further names its blocks stay.
          if (done(folder, () => unlinkSync(folder.at(name))))
            this.#took(name, stats.nlink > 1 ? 0 : bytesOf(stats), 1);
        },
        leave: (folder, name, stats) => {
          if (isMade(folder, name, stats) && done(folder, () => rmdirSync(folder.at(name))))
            this.#took(name, bytesOf(stats), 1);
        },
      },
      enough,
    );
  }

  *#cutGrown(length: number): Generator<void> {
    yield* this.#walk(
      {
        visit: (folder, name, stats) => {
          if (stats.size <= length || this.#originOf(folder, name, stats) !== "grown") return;
          const cut = cutTo(folder.at(name), length);
          if (cut > 0) this.#took(name, cut, 0);
        },
      },
      () => this.#bytesOver <= 0,
    );
  }

  #walk(visitor: Visitor, enough: () => boolean): Generator<void> {
    return walkAll(this.#question.directories, { unread: false, evaded: false }, visitor, enough);
  }

  #originOf(folder: Folder, name: Buffer, stats: Stats): "made" | "grown" | "kept" {
    const { from, until } = this.#question;
    // A further name of an older file, in a folder that the run made.
    const isName = stats.isFile() && stats.nlink > 1 && isSince(folder.madeAt, from);
    const made = (isNew(stats, from) && stats.birthtimeMs <= until + killMs) || isName;
    const grown = !made && stats.isFile() && stats.ctimeMs >= from && stats.ctimeMs <= until + killMs;
    if ((!made && !grown) || this.#writes.holds(folder.at(name), stats, from)) return "kept";
    return made ? "made" : "grown";
  }

  #enough(): boolean {
    return this.#bytesOver <= 0 && this.#entriesOver <= 0;
  }

  #took(name: Buffer, bytes: number, entries: number): void {
    this.#bytesOver -= bytes;
    this.#entriesOver -= entries;
    this.#trimmed.files++;
    this.#trimmed.bytes += bytes;
    if (this.#trimmed.names.length < maxNames) this.#trimmed.names.push(name.toString());
  }
}

/** Power of two by which files of about the same size are counted. */
const sizeClass = (bytes: number): number => 2 ** Math.floor(Math.log2(Math.max(1, bytes)));

/** Bytes in files of each size, by powers of two. */
class Sizes {
  readonly #bytes = new Map<number, number>();
  readonly #files = new Map<number, number>();

  add(bytes: number): void {
    const size = sizeClass(bytes);
    this.#bytes.set(size, (this.#bytes.get(size) ?? 0) + bytes);
    this.#files.set(size, (this.#files.get(size) ?? 0) + 1);
  }

  /** The sizes whose files must go to gain `bytes`: the larger ones in one walk, the last one needed in another. */
  downTo(bytes: number): number[] {
    const sizes = [...this.#bytes.keys()].toSorted((a, b) => b - a);
    return neededOf(sizes, bytes, this.#bytes);
  }

  /** The same to lose a number of files, the small ones first. */
  upTo(files: number): number[] {
    const sizes = [...this.#files.keys()].toSorted((a, b) => a - b);
    return neededOf(sizes, files, this.#files);
  }

  /** The length to which all longer files must be cut to gain `bytes`. */
  limitFor(bytes: number): number {
    let limit = 2 ** 40;
    for (; limit > 1; limit /= 2) {
      let gained = 0;
      for (const [size, sum] of this.#bytes) gained += Math.max(0, sum - limit * (this.#files.get(size) ?? 0));
      if (gained >= bytes) break;
    }
    return limit;
  }
}

/** The last size that is needed to gain an amount, and the one before it; none where nothing has to be gained. */
function neededOf(sizes: readonly number[], amount: number, amounts: ReadonlyMap<number, number>): number[] {
  if (amount <= 0) return [];
  let gained = 0;
  for (const [index, size] of sizes.entries()) {
    gained += amounts.get(size) ?? 0;
    if (gained < amount && index < sizes.length - 1) continue;
    const before = sizes[index - 1];
    return before === undefined ? [size] : [before, size];
  }
  return [];
}

const bytesOf = (stats: Stats): number => stats.blocks * 512;
const never = (): boolean => false;

/** Whether a removal worked; what is gone meanwhile, or can't be removed, shows at the next count. */
function done(folder: Folder, removal: () => void): boolean {
  try {
    removal();
    return true;
  } catch (error) {
    // A folder that can be read, but not changed.
    if (systemCode(error) !== "EACCES" || !folder.giveBack()) return false;
  }
  try {
    removal();
    return true;
  } catch {
    return false;
  }
}

/** Cuts a file's end; returns the bytes gained. */
function cutTo(path: Buffer, length: number): number {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    return 0; // gone, or swapped for something else meanwhile
  }
  try {
    const before = fstatSync(fd);
    if (!before.isFile()) return 0;
    ftruncateSync(fd, length);
    return Math.max(0, bytesOf(before) - bytesOf(fstatSync(fd)));
  } catch {
    return 0; // for example a file that its owner has made append-only (chattr +a)
  } finally {
    closeSync(fd);
  }
}
