/** A server's files in a temporary directory, and people who use them. */
import assert from "node:assert/strict";
import { readdirSync, readlinkSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clock } from "../../src/base/clock.ts";
import type { DiskRoom } from "../../src/base/disk-room.ts";
import { systemCode, UserError } from "../../src/base/errors.ts";
import { silentLog } from "../../src/base/log.ts";
import { Scope } from "../../src/base/scope.ts";
import type { ProjectQuotas } from "../../src/workspace/project-quotas.ts";
import type { Person, Students, Workspace } from "../../src/workspace/workspace.ts";
import { Workspaces } from "../../src/workspace/workspaces.ts";

type Limits = ConstructorParameters<typeof Workspaces>[0]["limits"];

export const limits: Limits = {
  runSeconds: 30,
  runMemoryMebibytes: 128,
  runProcesses: 32,
  runThreads: 128,
  outputKibibytesPerSecond: 256,
  outputMebibytes: 32,
  course: { runSeconds: 120, runMemoryMebibytes: 512, runProcesses: 64, outputMebibytes: 64 },
  runsPerMinute: 10,
  runsAtOnce: 4,
  transfersAtOnce: 2,
  transferIdleMinutes: 15,
  commandsPerMinute: 120,
  messagesPerMinute: 20,
  fileOperationsPerMinute: 600,
  roleFactors: { student: 1, ta: 2, professor: 10, admin: 10 },
  fileMebibytes: 1,
  workspaceMebibytes: 8,
  workspaceEntries: 50_000,
  folderDepth: 64,
  folderEntries: 2000,
  sessions: 60,
  openFiles: 20,
  consoles: 4,
};

export const ada: Person = { username: "ada", role: "student" };
export const prof: Person = { username: "prof", role: "professor" };

export interface Files {
  readonly workspaces: Workspaces;
  readonly ada: Workspace;
  readonly prof: Workspace;
  /** Ada's home on disk. */
  readonly home: string;
  /** DIR/files on disk. */
  readonly directory: string;
  /** A directory beside DIR/files: what must stay out of reach. */
  readonly outside: string;
}

/** Everybody of the staff teaches these. */
export function students(usernames: readonly string[]): Students {
  const known = usernames.map((username) => ({ username, name: "", section: undefined }));
  return {
    refresh: () => Promise.resolve(),
    find: (_person, username) => known.find((student) => student.username === username),
    list: () => known,
  };
}

/** Homes for ada and prof, removed when the scope closes. */
export async function makeFiles(
  scope: Scope,
  options: { limits?: Partial<Limits>; clock?: Clock; base?: string; room?: DiskRoom; projects?: ProjectQuotas } = {},
): Promise<Files> {
  const outside = await mkdtemp(join(options.base ?? tmpdir(), "classh-workspace-"));
  scope.defer(() => rm(outside, { recursive: true, force: true }));
  const directory = join(outside, "files");
  const clock = options.clock ? { clock: options.clock } : {};
  const workspaces = new Workspaces({
    directory,
    limits: { ...limits, ...options.limits },
    students: students(["ada", "alan"]),
    log: silentLog,
    room: options.room,
    projects: options.projects,
    ...clock,
  });
  await workspaces.prepare();
  await workspaces.ensureHome("ada");
  await workspaces.ensureHome("prof");
  return {
    workspaces,
    ada: workspaces.for(ada),
    prof: workspaces.for(prof),
    home: join(directory, "Local", "ada"),
    directory,
    outside,
  };
}

/** Runs a test on fresh files; fails when it leaves a descriptor open. */
export function withFiles(
  test: (files: Files) => Promise<void>,
  options: Parameters<typeof makeFiles>[1] = {},
): () => Promise<void> {
  return async () => {
    const before = openDescriptors();
    const scope = new Scope("files");
    try {
      await test(await makeFiles(scope, options));
    } finally {
      await scope.close();
    }
    const left = openDescriptors().filter((target) => !before.includes(target) && target.includes("classh-workspace-"));
    if (left.length > 0) throw new Error(`descriptors left open: ${left.join(", ")}`);
  };
}

/** What this process holds open, as paths. */
export function openDescriptors(): readonly string[] {
  return readdirSync("/proc/self/fd").map(linkTarget);
}

/** Checks what a rejected promise says; gives its message. */
export async function refuses(code: string, promise: Promise<unknown>, words?: RegExp): Promise<void> {
  await assert.rejects(promise, (error: unknown) => {
    assert.ok(error instanceof UserError, `not a UserError: ${String(error)}`);
    assert.equal(error.code, code, error.message);
    if (words) assert.match(`${error.message} ${error.hint ?? ""}`, words);
    return true;
  });
}

function linkTarget(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return ""; // the descriptor of the listing itself
    throw error;
  }
}
