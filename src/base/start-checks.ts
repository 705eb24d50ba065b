/**
 * What a server needs of its machine and of DIR, checked before anything is made, and by `doctor`: each problem is one
 * sentence and a remedy. What classh makes it makes with the right owner; what is wrong here was copied, restored or
 * touched by another account.
 */
import { constants, type Stats } from "node:fs";
import { access, lstat, readFile, statfs } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import { systemCode, UserError } from "./errors.ts";

/** Something that is missing or wrong. */
export interface StartProblem {
  readonly sentence: string;
  readonly remedy: string;
  /** Whether a server would fail because of it; otherwise it is worth knowing. */
  readonly fatal: boolean;
  /**
   * Whether it may pass by itself, as a lack of room does: a server that has served before is restarted until it does.
   */
  readonly passing?: boolean;
}

type Kind = "directory" | "file" | "socket";

/** Access rights that this process needs to each kind. */
const neededRights: Readonly<Record<Kind, number>> = {
  directory: constants.R_OK | constants.W_OK | constants.X_OK,
  file: constants.R_OK,
  socket: constants.F_OK,
};

interface Entry {
  readonly kind: Kind;
  /** Whether it must be our own, however open it is: PostgreSQL and SSH insist on the owner. */
  readonly owned?: boolean;
}

/** What may be in DIR; what is missing is made. */
const entries: Readonly<Record<string, Entry>> = {
  ".": { kind: "directory", owned: true },
  archive: { kind: "directory" },
  "clock.json": { kind: "file" },
  "cluster-key": { kind: "file" },
  "control.sock": { kind: "socket", owned: true },
  copies: { kind: "directory" },
  files: { kind: "directory" },
  "first-login.txt": { kind: "file" },
  "host-key": { kind: "file", owned: true },
  lock: { kind: "file" },
  log: { kind: "directory" },
  "nodes.socket": { kind: "directory", owned: true },
  postgres: { kind: "directory", owned: true },
  "postgres.log": { kind: "file" },
  "postgres.socket": { kind: "directory", owned: true },
  recovery: { kind: "directory" },
  run: { kind: "directory" },
};

/** Free bytes below which nothing can start: PostgreSQL alone writes more. */
const minBytes = 32 << 20;
/** Free bytes below which somebody should know. */
const fewBytes = 512 << 20;
const minInodes = 200;
const fewInodes = 5000;
/** Descriptors needed: connections to people, the database and jails, open files and watches. One jail may have 256. */
const minDescriptors = 1024;

/** Problems of DIR, which exists, and of the limits of this process. Never rejects for what it finds. */
export async function checkMachine(data: string): Promise<readonly StartProblem[]> {
  const found = await Promise.all([
    ...Object.entries(entries).map(([name, entry]) => checkEntry(join(data, name), entry)),
    checkRoom(data),
    checkDescriptors(),
  ]);
  return found.flat();
}

/** Throws the first problem that is fatal. */
export function refuseFatal(findings: readonly StartProblem[]): void {
  const fatal = findings.find((finding) => finding.fatal);
  if (fatal) throw new UserError(fatal.passing ? "disk-full" : "bad-setting", fatal.sentence, fatal.remedy);
}

async function checkEntry(path: string, { kind, owned = false }: Entry): Promise<readonly StartProblem[]> {
  const fatal = true;
  try {
    const found = await lstat(path);
    const actual = kindOf(found);
    // A folder may be a mount, and a key a link to where keys are kept.
    if (actual !== kind && !found.isSymbolicLink()) {
      return [
        {
          fatal,
          sentence: `${path} should be a ${kind}, but is ${actual ? `a ${actual}` : "something else"}`,
          remedy: "Move it away; classh creates what it needs.",
        },
      ];
    }
    const owner = process.getuid?.() ?? 0;
    if (owned && !found.isSymbolicLink() && found.uid !== owner)
      throw new Error(`it belongs to account number ${found.uid}`);
    await access(path, neededRights[kind]);
    return [];
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    const { username } = userInfo();
    const why = systemCode(error) ?? (error instanceof Error ? error.message : String(error));
    return [
      {
        fatal,
        sentence: `the account ${username} can't use ${path} (${why})`,
        remedy:
          username === "root"
            ? "Start classh with bin/start, which changes to the account that it belongs to."
            : `Give it to that account: chown -R ${username} ${path}`,
      },
    ];
  }
}

function kindOf(stats: Stats): Kind | undefined {
  if (stats.isDirectory()) return "directory";
  if (stats.isSocket()) return "socket";
  return stats.isFile() ? "file" : undefined;
}

async function checkRoom(data: string): Promise<readonly StartProblem[]> {
  const { bavail, bsize, files, ffree } = await statfs(data);
  const bytes = bavail * bsize;
  const found: StartProblem[] = [];
  if (bytes < fewBytes) {
    const remedy = `Make room on the file system of ${data} (df -h ${data}).`;
    found.push({
      fatal: bytes < minBytes,
      passing: true,
      sentence: `only ${Math.floor(bytes / 2 ** 20)} MiB are free for ${data}`,
      remedy,
    });
  }
  // Some file systems have no fixed number of inodes.
  if (files > 0 && ffree < fewInodes) {
    const remedy = `Remove files from the file system of ${data} (df -i ${data}).`;
    found.push({
      fatal: ffree < minInodes,
      passing: true,
      sentence: `only ${ffree} more files fit on the file system of ${data} (inodes)`,
      remedy,
    });
  }
  return found;
}

async function checkDescriptors(): Promise<readonly StartProblem[]> {
  // Node.js raises the soft limit to the hard one when it starts.
  const limits = await readFile("/proc/self/limits", "utf8").catch(() => "");
  const maxFiles = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
  if (maxFiles === undefined || Number(maxFiles) >= minDescriptors) return [];
  const sentence = `only ${maxFiles} files may be open at once, and classh with its jails needs at least ${minDescriptors}`;
  return [
    {
      fatal: true,
      sentence,
      remedy: "Raise the limit: ulimit -n 65536 before starting, or LimitNOFILE=65536 in the systemd unit.",
    },
  ];
}
