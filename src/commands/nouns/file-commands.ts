/** distribute, collect, course put, user export-files: files of many people at once. */
import { Readable, Writable } from "node:stream";
import type { Account } from "../../auth/account.ts";
import { teaches } from "../../auth/teaching.ts";
import { counted } from "../../base/counted.ts";
import { explain } from "../../base/error-report.ts";
import { exitStatus, UserError } from "../../base/errors.ts";
import { jailSpecFor } from "../../session/jail-spec-for.ts";
import type { JailSpec } from "../../runner/jail-spec.ts";
import { folderOf, homePath, nameOf } from "../../workspace/paths.ts";
import { answer, type Command, type CommandContext, type Exit, type Input } from "../command.ts";
import { findUser, listedSection, dryRunOption, requireOwn, sectionOption } from "../people.ts";
import { taught } from "../reach.ts";
import { readBytes } from "../stdin.ts";
import { printable, table } from "../table.ts";
import { Collected, isArchive, maxArchive, reading, requireDone, runTar } from "../transfer/archive.ts";
import { takeTransfer } from "../transfer/transfer-slot.ts";

/** Homes that are written to at a time. */
const atOnce = 4;

/** Files of one archive that is handed out. */
const maxFiles = 20_000;
/** Names in it, also of folders, and the same ones again. */
const maxLines = 2 * maxFiles;

/** Bytes of names that tar may tell. */
const maxTold = 4 << 20;

const allOption = { type: "boolean", doc: "all students whom you teach" } as const;

/** The students of `--section` or `--all`, by username. Throws where neither or both are given. */
async function chosen(context: CommandContext, input: Input): Promise<readonly Account[]> {
  const { account, services } = context;
  if (input.flag("all") === (input.text("section") !== undefined))
    throw new UserError("usage", "whose files?", "Give --section SECTION, or --all for all students whom you teach.");
  const section = await listedSection(context, input);
  const students = await services.accounts.list({ role: "student", ...(section === undefined ? {} : { section }) });
  const theirs = students.filter((person) => teaches(account, person) && person.state !== "disabled");
  if (theirs.length === 0)
    throw new UserError("user-not-found", "there are no students there", '"user list" shows all.');
  return theirs.toSorted((a, b) => (a.username < b.username ? -1 : 1));
}

const distribute: Command = {
  name: "distribute",
  summary: "Put files into the home of every student of a section, without replacing anything",
  arguments: "[PATH...]",
  options: {
    section: sectionOption,
    all: allOption,
    to: { type: "string", value: "FOLDER", doc: "the folder in each home that they go to; made if missing" },
    "dry-run": dryRunOption,
  },
  permission: "students.files",
  reach: taught,
  json: true,
  shape: `{ dryRun: boolean, files: text[],
  students: { username: text, put: text[], there: text[], problem: text | null }[] }`,
  details: `PATH is a file or folder of your own or of the course; without one, standard input is a tar archive (or tar.gz):
  ssh -p 2222 prof@host distribute hw1 --section A
  tar -cz hw1 | ssh -p 2222 prof@host distribute --all --to Homework
A file that a student has already stays as it is, and is shown under THERE.`,
  async run(context, input) {
    requireOwn("files", context);
    await using _transfer = await takeTransfer(context);
    const students = await chosen(context, input);
    const archive = input.arguments.length > 0 ? await packed(context, input.arguments) : await given(context);
    const files = await namesIn(context, archive);
    if (files.length === 0) throw new UserError("bad-archive", "the archive has no files in it");
    const folder = folderIn(input.text("to"));
    const dryRun = input.flag("dry-run");
    const rows = await inTurns(students, async (student) => {
      const names = files.map((name) => (folder === "" ? name : `${folder}/${name}`));
      const there = await existing(context, student, names);
      const known = new Set(there);
      const missing = names.filter((name) => !known.has(name));
      const problem =
        dryRun || missing.length === 0 ? undefined : await unpackFor(context, student, { archive, folder });
      // Also where something went wrong: the other files are there.
      if (!dryRun && missing.length > 0) {
        const detail = { files: missing.length, first: missing[0], problem };
        await recordFiles(context, "file.distribute", student.username, detail);
      }
      return { username: student.username, put: problem === undefined ? missing : [], there, problem: problem ?? null };
    });
    const failed = rows.some(({ problem }) => problem !== null);
    return answer({ dryRun, files, students: rows }, distributed(rows, dryRun), failed ? exitStatus.failed : undefined);
  },
};

interface Distributed {
  readonly username: string;
  readonly put: readonly string[];
  readonly there: readonly string[];
  readonly problem: string | null;
}

function distributed(rows: readonly Distributed[], dryRun: boolean): string {
  const cells = rows.map(({ username, put, there, problem }) => [
    username,
    String(put.length),
    String(there.length),
    problem ?? "",
  ]);
  const note = dryRun ? "Nothing was changed (--dry-run).\n" : "";
  return `${table(["USER", dryRun ? "WOULD PUT" : "PUT", "THERE", "PROBLEM"], cells, "")}${note}`;
}

/** Does something for each, a few at a time, in order. */
async function inTurns<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const waiting = items.map((item, index) => ({ item, index }));
  const next = async (): Promise<void> => {
    for (let one = waiting.shift(); one; one = waiting.shift()) results[one.index] = await work(one.item);
  };
  await Promise.all(Array.from({ length: atOnce }, next));
  return results;
}

/** An archive of the caller's own files, or of the course's. */
async function packed(context: CommandContext, paths: readonly string[]): Promise<Buffer> {
  const { account, services } = context;
  const workspace = services.workspaces.for(account);
  const words: string[] = [];
  for (const given of paths) {
    const path = workspace.normalise(given);
    await workspace.stat(path);
    if (path.startsWith("/students"))
      throw new UserError(
        "not-permitted",
        "a student's files are not handed to others",
        "Copy them to your own files first.",
      );
    words.push("-C", folderOf(path) || "/", `./${nameOf(path)}`);
  }
  const made = new Collected(maxArchive);
  const told = new Collected(maxTold);
  const spec = ownSpec(context);
  requireDone(await runTar(context, spec, ["-c", ...words], { stdout: made, stderr: told }), told.text);
  if (!made.complete) throw tooLarge();
  return made.bytes;
}

function tooLarge(): UserError {
  return new UserError("too-large", `more than ${maxArchive >> 20} MiB at once`, "Put fewer or smaller files.");
}

/** The archive on standard input. */
async function given({ stdin, terminal }: CommandContext): Promise<Buffer> {
  if (terminal)
    throw new UserError(
      "usage",
      "nothing to put",
      "Name files, or send a tar archive: tar -cz hw1 | ssh ... distribute --all",
    );
  const bytes = await readBytes(stdin, maxArchive);
  if (!isArchive(bytes))
    throw new UserError(
      "bad-archive",
      "standard input is no tar archive",
      "Make one: tar -cz hw1 | ssh ... distribute --all",
    );
  return bytes;
}

/** The names of the files in an archive, as tar unpacks them: without what leads out of a folder. */
async function namesIn(context: CommandContext, archive: Buffer): Promise<readonly string[]> {
  const names = new Collected(maxTold);
  const told = new Collected(maxTold);
  const spec = { ...ownSpec(context), mounts: [] };
  const outcome = await runTar(
    context,
    { ...spec, directory: "/", home: "/" },
    ["-t", "--quoting-style=literal", ...(archive[0] === 0x1f ? ["-z"] : []), "-f", "-"],
    { stdin: Readable.from([archive]), stdout: names, stderr: told },
  );
  requireDone(outcome, told.text);
  const lines = names.text.split("\n", maxLines);
  const files = new Set(
    lines.map((name) => name.replace(/^(\.?\/)+/, "")).filter((name) => name !== "" && !name.endsWith("/")),
  );
  if (lines.length === maxLines || !names.complete || files.size > maxFiles)
    throw new UserError("too-large", `more than ${maxFiles} files at once`, "Put fewer of them.");
  return [...files];
}

/** `--to` as a path below a home; empty for the home itself. */
function folderIn(text = ""): string {
  const names = text
    .replace(/^~?\/+/, "")
    .split("/")
    .filter((name) => name !== "" && name !== ".");
  if (names.includes("..")) throw new UserError("bad-path", "--to must lead to a folder below a student's home");
  return names.join("/");
}

/** Those of the names that a student has already. */
async function existing(
  { account, services }: CommandContext,
  student: Account,
  names: readonly string[],
): Promise<string[]> {
  const workspace = services.workspaces.for(account);
  const found: string[] = [];
  for (const name of names) {
    const there = await workspace.stat(`/students/${student.username}/${name}`).then(
      () => true,
      () => false, // it is not there, or can't be: tar will say
    );
    if (there) found.push(name);
  }
  return found;
}

/** Unpacks into a student's home as a program of theirs would write. Resolves with what went wrong, if something did. */
async function unpackFor(
  context: CommandContext,
  student: Account,
  { archive, folder }: { readonly archive: Buffer; readonly folder: string },
): Promise<string | undefined> {
  const { account, services, log } = context;
  try {
    await services.workspaces.ensureHome(student.username);
    const workspace = services.workspaces.for(account);
    const names = folder === "" ? [] : folder.split("/");
    for (let depth = 1; depth <= names.length; depth++) {
      const path = `/students/${student.username}/${names.slice(0, depth).join("/")}`;
      await workspace.createDirectory(path).catch((error: unknown) => {
        if (!(error instanceof UserError && error.code === "exists")) throw error;
      });
    }
    const told = new Collected(maxTold);
    const outcome = await runTar(
      context,
      jailSpecFor(services.workspaces, services.settings.limits, student),
      [
        "-x",
        "--skip-old-files",
        ...reading(archive),
        "-C",
        folder === "" ? homePath(student.username) : `${homePath(student.username)}/${folder}`,
        "-f",
        "-",
      ],
      { stdin: Readable.from([archive]), stderr: told },
    );
    requireDone(outcome, told.text);
    return undefined;
  } catch (error) {
    return explain(error, log, { user: account.username }).message;
  }
}

/** The caller's own files and the course. */
function ownSpec({ account, services }: CommandContext): JailSpec {
  return jailSpecFor(services.workspaces, services.settings.limits, account);
}

const collect: Command = {
  name: "collect",
  summary: "Send everybody's files as one archive (tar.gz), a folder for each student",
  arguments: "PATTERN...",
  options: { section: sectionOption, all: allOption },
  permission: "students.read",
  reach: taught,
  details: `PATTERN is a path in each student's home, with * ? [...] and ** (folders of any depth):
  ssh -p 2222 prof@host collect 'hw1/*.py' --section A > hw1.tar.gz
A folder is sent with everything in it. What was found is told on standard error.`,
  async run(context, input) {
    requireOwn("files", context);
    await using _transfer = await takeTransfer(context);
    if (context.terminal)
      throw new UserError(
        "usage",
        "an archive is nothing for a terminal",
        "Send it to a file: ssh ... collect ... > work.tar.gz",
      );
    const students = await chosen(context, input);
    const patterns = input.arguments.map(patternIn);
    const mounts = (await context.services.workspaces.studentMounts(context.account))
      .filter(({ target }) => students.some(({ username }) => target === `/students/${username}`))
      .map((mount) => ({ ...mount, writable: false }));
    const names = mounts.map(({ target }) => nameOf(target));
    const words = names.flatMap((name) =>
      patterns.map((pattern) => ({ text: `${name}/${pattern}`, pattern: "listed" as const })),
    );
    const spec = { ...ownSpec(context), directory: "/students" };
    const listed = ["--null", "--verbatim-files-from", "-T", "-", ...words];
    const { files: found, problems } = await stream(context, { ...spec, mounts: [...spec.mounts, ...mounts] }, listed);
    const without = students.filter(({ username }) => !found.has(username)).map(({ username }) => username);
    const files = [...found.values()].reduce((sum, count) => sum + count, 0);
    context.stderr.write(
      `classh: ${counted(files, "file")} of ${counted(found.size, "student")}${without.length > 0 ? `; nothing of ${without.join(", ")}` : ""}\n`,
    );
    const detail = { pattern: patterns.join(" "), files, students: found.size, problem: problems[0] };
    await recordFiles(context, "file.collect", undefined, detail);
    return exitWith(context, problems);
  },
};

function patternIn(text: string): string {
  const names = text.split("/").filter((name) => name !== "" && name !== ".");
  if (text.startsWith("/") || names.includes(".."))
    throw new UserError("bad-path", "the pattern starts in each student's home", "For example: 'hw1/*.py'.");
  return names.join("/") || "*";
}

/** An archive that was sent. */
interface SentArchive {
  /** How many files there are below each top folder. */
  readonly files: ReadonlyMap<string, number>;
  /** What could not be read, as tar tells it. */
  readonly problems: readonly string[];
}

/** Problems that are told. */
const maxProblems = 10;

/** Tells what is missing, if something is: one closed folder must not fail everybody's files, and not be overlooked. */
function exitWith({ stderr }: CommandContext, problems: readonly string[]): Exit {
  if (problems.length === 0) return { kind: "exit", status: exitStatus.done };
  for (const problem of problems.slice(0, maxProblems)) stderr.write(`classh: ${printable(problem)}\n`);
  stderr.write("classh: The archive has everything else.\n");
  return { kind: "exit", status: exitStatus.failed };
}

/** Sends an archive to standard output. */
async function stream(
  context: CommandContext,
  spec: JailSpec,
  words: Parameters<typeof runTar>[2],
): Promise<SentArchive> {
  const told = new Told();
  const outcome = await runTar(context, spec, ["-c", "-z", "-v", "--quoting-style=escape", "-f", "-", ...words], {
    stdout: context.stdout,
    stderr: told,
  });
  const problems = told.problems
    .split("\n")
    .filter((line) => line !== "" && !/Exiting with failure/.test(line))
    .map((line) => line.slice("tar: ".length));
  // Status 2: not all of it. Status 1, a warning: a file grew while it was read, the class is at work.
  if (outcome.kind === "exited" && outcome.status === 2 && told.files.size > 0) return { files: told.files, problems };
  if (outcome.kind !== "exited" || outcome.status !== 1) requireDone(outcome, told.problems);
  return { files: told.files, problems: [] };
}

/** What `tar -v` tells on standard error: names, and its problems. */
class Told extends Writable {
  /** Files by their top folder. */
  readonly files = new Map<string, number>();
  problems = "";
  #rest = "";

  override _write(piece: Buffer, _encoding: BufferEncoding, done: () => void): void {
    const lines = (this.#rest + piece.toString()).split("\n");
    this.#rest = (lines.pop() ?? "").slice(0, maxTold);
    for (const line of lines) this.#line(line);
    done();
  }

  #line(line: string): void {
    if (line.startsWith("tar: ")) {
      if (this.problems.length < maxTold) this.problems += `${line}\n`;
    } else if (!line.endsWith("/")) {
      const [top = ""] = line.split("/", 1);
      this.files.set(top, (this.files.get(top) ?? 0) + 1);
    }
  }
}

const exportFiles: Command = {
  name: "user export-files",
  summary: "Send all files of one person as an archive (tar.gz)",
  arguments: "USER",
  permission: "user.write",
  details: "  ssh -p 2222 admin@host user export-files ada > ada.tar.gz",
  async run(context, input) {
    requireOwn("files", context);
    await using _transfer = await takeTransfer(context);
    if (context.terminal)
      throw new UserError("usage", "an archive is nothing for a terminal", "Send it to a file: ssh ... > ada.tar.gz");
    const person = await findUser(context, input);
    const { services } = context;
    await services.workspaces.ensureHome(person.username);
    const source = services.workspaces.homeDirectory(person.username);
    const target = `/export/${person.username}`;
    const spec = { ...ownSpec(context), directory: "/export" };
    const mounts = [...spec.mounts, { source, target, writable: false, followLinks: false }];
    const { files, problems } = await stream(context, { ...spec, mounts }, ["--", person.username]);
    const count = files.get(person.username) ?? 0;
    await recordFiles(context, "file.export", person.username, { files: count, problem: problems[0] });
    context.stderr.write(`classh: ${counted(count, "file")} of ${person.username}\n`);
    return exitWith(context, problems);
  },
};

const coursePut: Command = {
  name: "course put",
  summary: "Put a file, or what is in a tar archive, into the course",
  arguments: "PATH",
  permission: "course.write",
  details: `Standard input is the file, or an archive (tar or tar.gz) whose files go into the folder PATH; files of the same name are replaced. \
PATH is in the course, or in /staff where it begins so:
  ssh -p 2222 prof@host course put '"Lecture Notes/week1.md"' < week1.md
  tar -cz week1 | ssh -p 2222 prof@host course put '"Lecture Notes"'`,
  async run(context, input) {
    requireOwn("files", context);
    await using _transfer = await takeTransfer(context);
    const { account, services, stdin, terminal } = context;
    if (terminal)
      throw new UserError("usage", "nothing to put", "Send a file or an archive: ssh ... course put PATH < FILE");
    const workspace = services.workspaces.for(account);
    const [given = ""] = input.arguments;
    const path = workspace.normalise(given.startsWith("/") ? given : `/course/${given}`);
    if (!/^\/(course|staff)\//.test(path))
      throw new UserError("bad-path", `not in the course: ${given}`, 'For example: "Lecture Notes/week1.md".');
    const bytes = await readBytes(stdin, maxArchive);
    // What is wrong with the path is said when something is written there.
    const entry = await workspace.stat(path).catch(() => undefined);
    if (!isArchive(bytes) || /\.(tar|tgz|tar\.gz)$/i.test(path)) {
      if (entry?.kind === "directory")
        throw new UserError(
          "bad-archive",
          "standard input is no tar archive",
          "Name the file: course put FOLDER/FILE.",
        );
      await workspace.writeBytes(path, bytes, { overwrite: true });
      await recordFiles(context, "file.course-put", undefined, { path, bytes: bytes.length });
      return answer({ path, files: [path] }, `Put ${path}.\n`);
    }
    if (entry?.kind !== "directory") await workspace.createDirectory(path);
    const files = await namesIn(context, bytes);
    const told = new Collected(maxTold);
    const words = ["-x", ...reading(bytes), "-C", path, "-f", "-"];
    requireDone(
      await runTar(context, ownSpec(context), words, { stdin: Readable.from([bytes]), stderr: told }),
      told.text,
    );
    await recordFiles(context, "file.course-put", undefined, { path, files: files.length });
    return answer(
      { path, files: files.map((name) => `${path}/${name}`) },
      `Put ${counted(files.length, "file")} into ${path}.\n`,
    );
  },
  json: true,
  shape: "{ path: text, files: text[] }",
};

async function recordFiles(
  { account, address, services }: CommandContext,
  action: string,
  subject: string | undefined,
  detail: Record<string, string | number | undefined>,
): Promise<void> {
  const result = detail["problem"] === undefined ? "ok" : "failed";
  await services.audit.record({ actor: account.username, address, action, subject, result, detail });
}

/** The commands. */
export const fileCommands: readonly Command[] = [distribute, collect, exportFiles, coursePut];
