/**
 * Theory of operation: a program can write faster than anybody counts, so when it has been ended more may lie there than its person
 * may keep, and would stay. A quota of the kernel would have refused those bytes; here they are removed afterwards. What
 * the run made goes first, the largest files before the smaller ones, until it fits. Then go folders that the run made and that are
 * empty. Where that is not enough, files that were there before and grew are cut at their end.
 * What the person saved in the editor meanwhile is as new as what the program wrote, and may be as small as its files: it stays, whatever
 * there is, since the server notes what it writes itself (base/server-writes.ts). What was there before and did not change stays too.
 * No list of files is kept: a first walk counts how many bytes are in files of each size (powers of two), a second one removes.
 */
import { constants, closeSync, fstatSync, ftruncateSync, openSync, rmdirSync, unlinkSync, type Stats } from "node:fs";
import { ServerWritesReader } from "../../base/server-writes.ts";
import { isNew, topBytes, walkAll, type Folder } from "./tree-usage.ts";

export interface TrimQuestion {
  readonly directories: readonly string[];
  /** When the run began and ended (Date.now): what was made or changed between is the run's. */
  readonly from: number;
  readonly until: number;
  /** What may stay, in bytes on disk. */
  readonly maxBytes: number;
  /** The notes of what the server itself wrote there. */
  readonly serverWritesFile?: string | undefined;
}

export interface Trimmed {
  readonly files: number;
  readonly bytes: number;
  /** The names of the first ones, as the program chose them: about the largest. */
  readonly names: readonly string[];
}

/** So many are named. */
const maxNames = 3;

/** No file is cut to less. */
const minCut = 1 << 16;

/** A folder can go once what is in it has gone: nested ones take a walk for each level. */
const maxRounds = 8;

/** Times of files may be behind Date.now(), see tree-usage.ts; here also ahead of the end by what a kill takes. */
const killMs = 1000;

/** Removes what a run wrote beyond what may stay. Everybody who could write has ended, or is being held to the same limit. */
// oxlint-disable-next-line max-lines-per-function -- three passes over one state
export function* trim(question: TrimQuestion): Generator<void, Trimmed> {
  const trouble = { unread: false, evaded: false };
  const { directories } = question;
  const writes = new ServerWritesReader(question.serverWritesFile);
  const originOf = (folder: Folder, name: Buffer, stats: Stats): "made" | "grown" | "kept" => {
    const { from, until } = question;
    const made = isNew(stats, from) && stats.birthtimeMs <= until + killMs;
    const grown = !made && stats.isFile() && stats.ctimeMs >= from && stats.ctimeMs <= until + killMs;
    if ((!made && !grown) || writes.holds(folder.at(name), stats, from)) return "kept";
    return made ? "made" : "grown";
  };

  let all = topBytes(directories);
  const made = new Sizes();
  const grown = new Sizes();
  yield* walkAll(
    directories,
    trouble,
    (folder, name, stats) => {
      all += bytesOf(stats);
      if (stats.isDirectory()) return;
      const origin = originOf(folder, name, stats);
      if (origin === "made") made.add(bytesOf(stats));
      else if (origin === "grown") grown.add(bytesOf(stats));
    },
    never,
  );

  let tooMuch = all - question.maxBytes;
  const trimmed = { files: 0, bytes: 0, names: [] as string[] };
  if (tooMuch <= 0) return trimmed;
  const took = (name: Buffer, bytes: number): void => {
    tooMuch -= bytes;
    trimmed.files++;
    trimmed.bytes += bytes;
    if (trimmed.names.length < maxNames) trimmed.names.push(name.toString());
  };

  const enough = (): boolean => tooMuch <= 0;
  for (const size of made.downTo(tooMuch)) {
    yield* walkAll(
      directories,
      trouble,
      (folder, name, stats) => {
        if (stats.isDirectory() || bytesOf(stats) < size || enough() || originOf(folder, name, stats) !== "made")
          return;
        if (done(() => unlinkSync(folder.at(name)))) took(name, bytesOf(stats));
      },
      enough,
    );
  }
  for (
    let rounds = 0, before = 0;
    !enough() && rounds < maxRounds && (rounds === 0 || trimmed.files > before);
    rounds++
  ) {
    before = trimmed.files;
    yield* walkAll(
      directories,
      trouble,
      (folder, name, stats) => {
        if (!stats.isDirectory() || enough() || originOf(folder, name, stats) !== "made") return;
        if (done(() => rmdirSync(folder.at(name)))) took(name, bytesOf(stats));
      },
      enough,
    );
  }
  if (enough()) return trimmed;

  const limit = Math.max(minCut, grown.limitFor(tooMuch));
  yield* walkAll(
    directories,
    trouble,
    (folder, name, stats) => {
      if (stats.size <= limit || originOf(folder, name, stats) !== "grown") return;
      const cut = cutTo(folder.at(name), limit);
      if (cut > 0) took(name, cut);
    },
    enough,
  );
  return trimmed;
}

/** How many bytes are in files of which size, by powers of two. */
class Sizes {
  readonly #bytes = new Map<number, number>();
  readonly #files = new Map<number, number>();

  add(bytes: number): void {
    const size = 2 ** Math.floor(Math.log2(Math.max(1, bytes)));
    this.#bytes.set(size, (this.#bytes.get(size) ?? 0) + bytes);
    this.#files.set(size, (this.#files.get(size) ?? 0) + 1);
  }

  /** The sizes whose files have to go so that `bytes` are gained: the larger ones, one walk, and the last one needed, one more. */
  downTo(bytes: number): number[] {
    const sizes = [...this.#bytes.keys()].toSorted((a, b) => b - a);
    let gained = 0;
    for (const [index, size] of sizes.entries()) {
      gained += this.#bytes.get(size) ?? 0;
      if (gained < bytes && index < sizes.length - 1) continue;
      const larger = sizes[index - 1];
      return larger === undefined ? [size] : [larger, size];
    }
    return [];
  }

  /** The length to which all longer files have to be cut so that `bytes` are gained. */
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

const bytesOf = (stats: Stats): number => stats.blocks * 512;
const never = (): boolean => false;

/** False when it is gone meanwhile, or can't be removed: what is left shows at the next count. */
function done(removal: () => void): boolean {
  try {
    removal();
    return true;
  } catch {
    return false;
  }
}

/** Cuts a file's end; returns how many bytes that gave back. */
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
    return 0; // such as a file on which the person has set limits of their own (chattr +a)
  } finally {
    closeSync(fd);
  }
}
