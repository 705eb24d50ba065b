/** `run FILE [ARG...]`: a script in the jail over exec; streams and exit status are the script's. */
import type { Writable } from "node:stream";
import { may } from "../../auth/roles.ts";
import { counted } from "../../base/counted.ts";
import { UserError } from "../../base/errors.ts";
import type { Outcome } from "../../runner/outcome.ts";
import type { JailSpec } from "../../runner/jail-spec.ts";
import { isVisible, workingDirectoryOf } from "../../runner/working-directory.ts";
import type { Workspace } from "../../workspace/workspace.ts";
import type { Command, CommandContext } from "../command.ts";
import { exitOf } from "../outcome-exit.ts";
import { requireOwn } from "../people.ts";
import { assertRunAllowed } from "../../session/allowances.ts";
import { courseLimitsFor } from "../../session/course-limits.ts";
import { canonicalPath } from "../../session/lock-owner.ts";
import { jailSpecFor } from "../../session/jail-spec-for.ts";
import { keepWritten } from "../../session/keep-written.ts";
import { studentOf, type StudentSandbox } from "../../session/student-sandboxes.ts";
import { CopyTeller } from "../../session/copy-teller.ts";
import { RunLocks, type RunRight } from "../../session/run-locks.ts";
import { SafeOutput } from "../../session/safe-output.ts";
import { outcomeName } from "../../session/session-usage.ts";
import { newRunId } from "../../session/session-log.ts";
import { SessionRegistry } from "../../session/session-registry.ts";
import { onInterruptKey } from "../interrupt-key.ts";
import { alreadyRunning, StoppableRun } from "../stoppable-run.ts";

/** Milliseconds between two lines about the progress of copying a student's files. */
const tellEveryMs = 5000;

/** The command `run`. */
export const runCommand: Command = {
  name: "run",
  summary: "Run a Python file, with the program's own input, output and exit status",
  arguments: "FILE [ARG...]",
  permission: "run",
  rawArguments: true,
  options: {
    directory: {
      type: "string",
      value: "DIR",
      doc: "the folder that the program works in, instead of the one that it lies in",
    },
    raw: {
      type: "boolean",
      doc: "with a student's file: pass its output on byte for byte, terminal control sequences included",
    },
    keep: { type: "boolean", doc: "with a student's file: keep what the program wrote, in the student's own files" },
  },
  details: `FILE is a path as in the IDE, from your own files: area.py, /course/Assignments/one.py.
  ssh -p 2222 ada@host run area.py < in.txt > out.txt
The program works in its own folder, as after "cd hw1; python3 main.py": open("scores.csv") is hw1/scores.csv. \
Files of the course, which is read-only, work in your home; --directory, before FILE, names any other folder:
  ssh -p 2222 ada@host run --directory hw1/data hw1/main.py
A program that classh stopped gives the status 124 (time) or 137 (memory, disk, output without end), and a sentence on standard error.
A file of yours may run several times at once in this way, but not beside the IDE: if it is running there, the exit status is 5.
Files of the course can be run by everybody at once.
For teachers: a file under /students runs as its student, on a throw-away copy of the student's files:
  ssh -p 2222 prof@host run /students/ada/hw1.py
What a terminal would obey in its output (titles, the clipboard) is left out; --raw, before FILE, leaves it in.
--keep, before FILE, saves what it wrote there, except files that the student is editing or has changed since, \
and says which.`,
  async run(context, input) {
    requireOwn("files", context);
    const { account, services } = context;
    const [file = "", ...args] = input.arguments;
    const workspace = services.workspaces.for(account);
    const path = await pathOfFile(workspace, file);
    if (input.flag("keep")) requireMayKeep(context, path);
    await using shared = new StoppableRun(context, await claimed(context, path, file));
    assertRunAllowed(await services.runs.take(account.username, account.role));
    const isStudents = studentOf(path) !== undefined;
    await using student = isStudents ? await opened(context, path, shared) : undefined;
    if (isStudents && !student) return { kind: "exit", status: 130 };
    const jailSpec = await limited(context, path, student?.jailSpec ?? ownJail(context));
    const inJail = student?.file ?? path;
    const place = { file: inJail, folder: input.text("directory") };
    const workingDirectory = await chosenFolder(context, workspace, jailSpec, place);
    // A teacher's terminal must not obey what somebody else's program prints.
    const output = student && !input.flag("raw") ? safeOutput(context) : plainOutput(context);
    const log = context.log.child({ user: account.username, run: newRunId() });
    log.info("run started");
    let outcome: Outcome;
    try {
      const { stdin, terminal } = context;
      const screen = terminal
        ? { terminal: { ...terminal.size, erase: terminal.erase, onResize: terminal.onResize } }
        : {};
      const io = {
        stdin,
        stdout: output.stdout,
        stderr: output.stderr,
        signal: shared.signal,
        onSignal: shared.onSignal,
        ...screen,
      };
      outcome = await services.runner.runScript(jailSpec, { file: inJail, args, workingDirectory }, io);
    } finally {
      await output.close();
    }
    log.info("run ended", { outcome: outcome.kind });
    services.usage.run(account, outcomeName(outcome));
    if (student && input.flag("keep")) await keep(context, student, workspace);
    return exitOf(outcome, context.stderr);
  },
};

function ownJail({ account, services }: CommandContext): JailSpec {
  return jailSpecFor(services.workspaces, services.settings.limits, account);
}

/** The jail with the limits that the course has for the file. */
async function limited({ account, services, stderr }: CommandContext, path: string, spec: JailSpec): Promise<JailSpec> {
  const workspace = services.workspaces.for(account);
  const { limits, problems } = await courseLimitsFor(path, workspace, services.settings.limits.course);
  for (const problem of problems) stderr.write(`classh: ${problem}\n`);
  return { ...spec, limits };
}

/** The exact path of an existing file. Throws for anything else. */
async function pathOfFile(workspace: Workspace, file: string): Promise<string> {
  const path = workspace.normalise(file);
  const entry = await workspace.stat(path);
  if (entry.kind !== "file")
    throw new UserError("not-a-file", `not a file: ${file}`, "Give the path of a Python file.");
  return path;
}

/** The working directory that was asked for, or the file's, in the path language of the jail. */
async function chosenFolder(
  { stderr }: CommandContext,
  workspace: Workspace,
  spec: JailSpec,
  { file, folder }: { readonly file: string; readonly folder: string | undefined },
): Promise<string> {
  if (folder !== undefined) return await visibleFolder(workspace, spec, folder);
  const { path, note } = workingDirectoryOf(spec, file);
  if (note !== undefined) stderr.write(`classh: ${note}\n`);
  return path;
}

/** The path in the jail of an existing folder. Throws for anything else, and for what its programs don't see. */
async function visibleFolder(workspace: Workspace, spec: JailSpec, folder: string): Promise<string> {
  const path = workspace.normalise(folder);
  const entry = await workspace.stat(path);
  if (entry.kind !== "directory")
    throw new UserError("not-a-directory", `not a folder: ${folder}`, "Give the path of a folder after --directory.");
  const inJail = canonicalPath(path);
  if (!isVisible(spec, inJail))
    throw new UserError(
      "not-permitted",
      `the program can't see ${folder}`,
      "Its folder must belong to the same person as FILE, or to the course.",
    );
  return inJail;
}

/** The right to run the file. Throws when it runs in an IDE. */
async function claimed({ account, services, log }: CommandContext, path: string, file: string): Promise<RunRight> {
  const runs = new RunLocks({
    locks: services.locks,
    person: account,
    session: SessionRegistry.newId(),
    joinable: true,
    clock: services.clock,
    log,
  });
  const claim = await runs.claim(path);
  if (claim.holder) throw alreadyRunning(claim.holder, account.username, file);
  return claim;
}

/** Where a program's output goes. */
interface ProgramOutput {
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** Resolves when everything has been written. */
  close(): Promise<unknown>;
}

function plainOutput({ stdout, stderr }: CommandContext): ProgramOutput {
  return { stdout, stderr, close: async () => undefined };
}

/** Output without what a terminal would obey. */
function safeOutput({ stdout, stderr, terminal }: CommandContext): ProgramOutput {
  const safe = new SafeOutput(stdout, terminal);
  const safeErrors = new SafeOutput(stderr, undefined);
  return { stdout: safe, stderr: safeErrors, close: () => Promise.all([safe.close(), safeErrors.close()]) };
}

/** The sandbox with a copy of the student's files. Undefined when the caller has stopped the copying. */
async function opened(
  { account, services, stdin, stderr, terminal }: CommandContext,
  path: string,
  shared: StoppableRun,
): Promise<StudentSandbox | undefined> {
  const student = studentOf(path) ?? "";
  const stopping = new AbortController();
  using _signals = shared.onSignal(() => stopping.abort());
  using _keys = terminal && onInterruptKey(stdin, () => stopping.abort());
  using teller = new CopyTeller({
    clock: services.clock,
    student,
    every: tellEveryMs,
    tell: (words) => stderr.write(`classh: c${words.slice(1)}\n`),
  });
  const signal = AbortSignal.any([shared.signal, stopping.signal]);
  try {
    return await services.studentSandboxes.open(account, path, { signal, onProgress: teller.progress });
  } catch (error) {
    if (!signal.aborted) throw error;
    stderr.write("classh: stopped before the program started\n");
    return undefined;
  }
}

function requireMayKeep({ account }: CommandContext, path: string): void {
  if (studentOf(path) === undefined)
    throw new UserError(
      "usage",
      "--keep is only for students' files",
      "Your own programs write to your own files anyway.",
    );
  if (!may(account.role, "students.files"))
    throw new UserError("not-permitted", "you may read students' files, but not change them", "Ask a professor.");
}

/** Keeps what the program wrote, and tells about it on standard error. */
async function keep(
  { account, services, stderr }: CommandContext,
  student: StudentSandbox,
  workspace: Workspace,
): Promise<void> {
  const {
    kept,
    skipped: left,
    complete,
  } = await keepWritten(student, {
    person: account,
    session: SessionRegistry.newId(),
    workspace,
    locks: services.locks,
  });
  for (const { path, bytes } of kept) stderr.write(`classh: kept ${path} (${counted(bytes, "byte")})\n`);
  for (const { path, why } of left) stderr.write(`classh: not kept: ${path}: ${why}\n`);
  if (kept.length + left.length === 0) stderr.write("classh: the program wrote nothing new\n");
  if (!complete) stderr.write("classh: not everything was kept: there are too many files\n");
}
