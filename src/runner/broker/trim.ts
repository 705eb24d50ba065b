/**
 * Theory of operation: a program can write faster than anybody counts, so after its end more may be there than its
 * owner may keep. A kernel quota would have refused those bytes; here they are removed afterwards. What the run made
 * goes first, the largest files before the smaller ones, until it fits. Then folders go that the run made and that are
 * empty. Where that is not enough, older files that grew are cut at their end. What the person saved in the editor
 * meanwhile is as new as what the program wrote, and may be as small: it stays in any case, since the server notes what
 * it writes itself (base/server-writes.ts). Files that were there before and did not change stay, too. No list of files
 * is kept: a first walk counts the bytes in files of each size (powers of two), a second one removes.
 */
import { constants, closeSync, fstatSync, ftruncateSync, openSync, rmdirSync, unlinkSync, type Stats } from "node:fs";
import { ServerWritesReader } from "../../base/server-writes.ts";
import { isNew, topBytes, walkAll, type Folder } from "./tree-usage.ts";

/** What to remove, and where. */
export interface TrimQuestion {
  readonly directories: readonly string[];
  /** When the run began and ended (wall-clock milliseconds): what was made or changed in between is the run's. */
  readonly from: number;
  readonly until: number;
  /** Bytes on disk that may stay. */
  readonly maxBytes: number;
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

/** Walks that remove folders: one goes once it is empty, so nested ones need a walk for each level. */
const maxRounds = 8;

/**
 * Allowance for times of files: they may lag behind Date.now(), see tree-usage.ts, or be later than the end by the time
 * that a kill takes.
 */
const killMs = 1000;

/** Removes what a run wrote beyond what may stay. Everybody who could write has ended, or is held to the same limit. */
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

/** Bytes in files of each size, by powers of two. */
class Sizes {
  readonly #bytes = new Map<number, number>();
  readonly #files = new Map<number, number>();

  add(bytes: number): void {
    const size = 2 ** Math.floor(Math.log2(Math.max(1, bytes)));
    this.#bytes.set(size, (this.#bytes.get(size) ?? 0) + bytes);
    this.#files.set(size, (this.#files.get(size) ?? 0) + 1);
  }

  /** The sizes whose files must go to gain `bytes`: the larger ones in one walk, the last one needed in another. */
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

const bytesOf = (stats: Stats): number => stats.blocks * 512;
const never = (): boolean => false;

/** Whether a removal worked; what is gone meanwhile, or can't be removed, shows at the next count. */
function done(removal: () => void): boolean {
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
