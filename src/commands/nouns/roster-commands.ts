/** user import|export: the accounts as a list. */
import type { AppliedRoster, RosterPlan, RosterProblem } from "../../auth/roster.ts";
import { roles } from "../../auth/roles.ts";
import { counted } from "../../base/counted.ts";
import { UserError } from "../../base/errors.ts";
import { answer, type CommandAnswer, type Command, type CommandContext } from "../command.ts";
import {
  accountShape,
  createdShape,
  dryRunOption,
  publicView,
  recordForAll,
  requireSection,
  roleOption,
} from "../people.ts";
import { withProgress } from "../progress-line.ts";
import {
  maxRosterBytes,
  readRoster,
  rosterColumns,
  writePasswords,
  writeRoster,
  type ReadRoster,
} from "../roster-csv.ts";
import { readBytes } from "../stdin.ts";
import { printable } from "../table.ts";
import { endSessionsOf } from "./session-commands.ts";

const importUsers: Command = {
  name: "user import",
  summary: "Add and change accounts from a CSV list, and print the new ones' initial passwords as CSV",
  arguments: "FILE",
  options: {
    "dry-run": dryRunOption,
    columns: {
      type: "string",
      value: "MAP",
      doc: "what columns mean: 'Login=username,Group=section'; without a header, all in order: username,-,name",
    },
    missing: {
      type: "string",
      value: "WHAT",
      choices: ["report", "disable"],
      doc: "what to do with students of the list's sections who are not in it: report or disable them",
    },
    "skip-bad": { type: "boolean", doc: "leave out bad lines instead of refusing the list" },
  },
  permission: "user.write",
  json: true,
  shape: `{ dryRun: boolean, added: ${createdShape}[] | { username: text }[],
  updated: { username: text, fields: text[] }[], unchanged: text[], skipped: { line: number, problem: text }[], newSections: text[],
  passedOver: { line: number, why: text }[], ignoredColumns: text[], missing: text[], disabled: text[],
  inSeveral: { username: text, section: text, left: text[] }[] }`,
  details: `FILE is a path in your own files, or - for standard input:
  ssh -p 2222 admin@host user import - < class.csv > passwords.csv
The first line names the columns, in any order: ${rosterColumns.join(",")}. Only username is needed; \
teaches is for staff: sections separated by |. An empty cell changes nothing; a new account is a student's unless a role is given.
Exports of Canvas, Moodle, Blackboard, Google Classroom, GitHub Classroom, Submitty, Autolab and Excel are read as they are: their \
usual column names are known, others are ignored and named, and "Last, First" becomes "First Last". Without user names, \
the student's number or the part of the e-mail address before the @ is taken. With --json a refused list has its bad lines in \
error.lines.
All lines are imported, or none, in one step; importing the same list again changes nothing. The report goes to standard error.`,
  async run(context, input) {
    const [file = ""] = input.arguments;
    const { account, services } = context;
    const missing = input.text("missing");
    if (missing !== undefined && missing !== "report" && missing !== "disable")
      throw new UserError(
        "usage",
        `--missing can't be ${JSON.stringify(missing.slice(0, 40))}`,
        "Choose report or disable.",
      );
    const list = await readRoster(await contentOf(context, file), input.text("columns"));
    const plan = await services.accounts.roster.plan(list.rows, account.username);
    const problems = [...list.problems, ...plan.problems].toSorted((a, b) => a.number - b.number);
    const skip = input.flag("skip-bad");
    if (problems.length > 0) tellProblems(context, problems);
    tellReading(context, list);
    if (list.open)
      context.stderr.write(
        `The last line (${list.rows.at(-1)?.username ?? "the header"}) has no line end: check that the list is complete.\n`,
      );
    if (problems.length > 0 && !skip) {
      const total = list.rows.length + list.problems.length;
      throw new UserError(
        "bad-roster",
        `${problems.length} of ${counted(total, "line")} can't be used; nothing was changed`,
        "Correct the list, or leave these lines out with --skip-bad.",
        { facts: { lines: problems.map(({ number, problem }) => ({ line: number, problem })) } },
      );
    }
    if (input.flag("dry-run")) return told(context, { list, plan, problems, missing });
    const applied = await apply(context, list, plan, missing === "disable");
    return told(context, { list, plan: applied.plan, problems, missing, applied });
  },
};

async function contentOf({ account, services, stdin }: CommandContext, file: string): Promise<Buffer> {
  if (file === "-") return await readBytes(stdin, maxRosterBytes);
  // The server's own account has no files here; whoever uses it has a shell.
  if (account.id === 0)
    throw new UserError(
      "usage",
      "a path means the files of a classh account, and you have none",
      "On the server, send the file itself: bin/classh user import - < class.csv",
    );
  const workspace = services.workspaces.for(account);
  return await workspace.readBytes(workspace.normalise(file));
}

async function apply(
  context: CommandContext,
  { rows }: ReadRoster,
  plan: RosterPlan,
  disableMissing: boolean,
): Promise<AppliedRoster> {
  const { accounts } = context.services;
  const bad = new Set(plan.problems.map(({ number }) => number));
  const good = rows.filter(({ number }) => !bad.has(number));
  const applied = await withProgress(context, "passwords", plan.added.length, (onProgress) =>
    accounts.roster.apply(good, context.account.username, { onProgress, signal: context.closed, disableMissing }),
  );
  const disabled = disableMissing ? applied.plan.missing.map(({ username }) => username) : [];
  const updated = applied.plan.updated.map(({ row, before, fields }) => ({
    username: before.username,
    fields,
    role: row.role === before.role ? undefined : row.role,
  }));
  await recordForAll(context, [
    ...applied.created.map(({ account: { username, role } }) => ({
      action: "user.add",
      username,
      detail: { role, by: "import" },
    })),
    ...updated.map(({ username, fields, role }) => ({
      action: "user.set",
      username,
      detail: { fields: fields.join(" "), by: "import", ...(role ? { role } : {}) },
    })),
    ...disabled.map((username) => ({ action: "user.disable", username, detail: { by: "import" } })),
  ]);
  await endSessionsOf(context, disabled, "Your account was disabled. Your work is kept; ask your teacher.");
  for (const { username, role } of updated) {
    if (role) await endSessionsOf(context, [username], `Your role is now ${role}. Your work is kept: log in again.`);
  }
  return applied;
}

function tellProblems({ stderr }: CommandContext, problems: readonly RosterProblem[]): void {
  stderr.write(problems.map(({ number, problem }) => `line ${number}: ${printable(problem)}\n`).join(""));
}

/** Most names in a sentence; the rest are counted. */
const maxNamed = 20;

function named(names: readonly string[]): string {
  const more = names.length - maxNamed;
  return names.slice(0, maxNamed).map(printable).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

/** Tells how the list was understood, so that nothing is left out silently. */
function tellReading({ stderr }: CommandContext, { note, ignored, passedOver }: ReadRoster): void {
  if (note !== undefined) stderr.write(`${note}\n`);
  if (ignored.length > 0) stderr.write(`Ignored columns: ${named(ignored)}\n`);
  for (const { number, problem } of passedOver) stderr.write(`line ${number}: skipped, ${problem}\n`);
}

interface Told {
  readonly list: ReadRoster;
  readonly plan: RosterPlan;
  readonly problems: readonly RosterProblem[];
  /** `--missing`. */
  readonly missing: "report" | "disable" | undefined;
  /** Undefined in a dry run. */
  readonly applied?: AppliedRoster;
}

/** The report on standard error, the passwords on standard output. */
function told({ stderr }: CommandContext, { list, plan, problems, missing, applied }: Told): CommandAnswer {
  const { added, updated, unchanged, newSections, inSeveral } = plan;
  const changed = updated.map(({ before, fields }) => `${before.username}: ${fields.join(", ")}\n`);
  const skipped = problems.length > 0 ? `, ${problems.length} left out` : "";
  const disabled = [...updated.map(({ before }) => before), ...unchanged].filter(
    ({ state }) => state === "disabled",
  ).length;
  const absent = missing === undefined ? [] : plan.missing.map(({ username }) => username);
  const verb =
    missing === "disable" && applied
      ? "Disabled, because they are not in the list"
      : "In the list's sections, but not in the list";
  const report = [
    ...changed,
    ...inSeveral.map(
      ({ username, section, left }) =>
        `${username} is in several sections in the list; placed in ${printable(section)}, not in ${named(left)}\n`,
    ),
    ...(newSections.length > 0 ? [`New sections: ${newSections.map(printable).join(", ")}\n`] : []),
    ...(disabled > 0 ? [`Disabled, and staying so: ${counted(disabled, "account")} (see "user enable")\n`] : []),
    ...(absent.length > 0 ? [`${verb}: ${named(absent)}\n`] : []),
    `${applied ? "" : "Nothing was changed. It would be: "}${added.length} added, ${updated.length} changed, ${unchanged.length} unchanged${skipped}.\n`,
  ];
  stderr.write(report.join(""));
  const created = applied?.created ?? [];
  const json = {
    dryRun: applied === undefined,
    added: applied
      ? created.map(({ account, password }) => ({ ...publicView(account), password }))
      : added.map(({ username }) => ({ username })),
    updated: updated.map(({ before, fields }) => ({ username: before.username, fields })),
    unchanged: unchanged.map(({ username }) => username),
    skipped: problems.map(({ number, problem }) => ({ line: number, problem })),
    newSections,
    passedOver: list.passedOver.map(({ number, problem }) => ({ line: number, why: problem })),
    ignoredColumns: list.ignored,
    missing: absent,
    disabled: missing === "disable" && applied ? absent : [],
    inSeveral,
  };
  return answer(json, applied ? writePasswords(created) : "");
}

const exportUsers: Command = {
  name: "user export",
  summary: 'Print the accounts as a CSV list that "user import" reads',
  options: {
    role: { type: "string", value: "ROLE", choices: roles, doc: "only this role" },
    section: { type: "string", value: "SECTION", doc: "only this section" },
  },
  permission: "user.read",
  json: true,
  shape: `${accountShape}[]`,
  details: "It does not include passwords or keys.",
  async run({ services }, input) {
    const section = input.text("section");
    if (section !== undefined) await requireSection(services, section);
    const found = await services.accounts.list({ role: roleOption(input), section });
    return answer(found.map(publicView), writeRoster(found));
  },
};

/** The commands `user import` and `user export`. */
export const rosterCommands: readonly Command[] = [importUsers, exportUsers];
