/** user import|export: the accounts as a list. */
import type { AppliedRoster, RosterPlan, RosterProblem } from "../../auth/roster.ts";
import { roles } from "../../auth/roles.ts";
import { UserError } from "../../base/errors.ts";
import { answer, type Answer, type Command, type CommandContext } from "../command.ts";
import { accountShape, count, createdShape, dryRunOption, publicView, recordForAll, requireSection, roleOption } from "../people.ts";
import { withProgress } from "../progress.ts";
import { mostRosterBytes, readRoster, rosterColumns, writePasswords, writeRoster, type ReadRoster } from "../roster-csv.ts";
import { readBytes } from "../stdin.ts";
import { printable } from "../table.ts";
import { endSessionsOf } from "./session.ts";

const importUsers: Command = {
  name: "user import",
  summary: "Add and change accounts from a CSV list, and print the new ones' initial passwords as CSV",
  arguments: "FILE",
  options: {
    "dry-run": dryRunOption,
    "skip-bad": { type: "boolean", doc: "leave bad lines out instead of refusing the list" },
  },
  permission: "user.write",
  json: true,
  shape: `{ dryRun: boolean, added: ${createdShape}[] | { username: text }[],
  updated: { username: text, fields: text[] }[], unchanged: text[], skipped: { line: number, problem: text }[], newSections: text[] }`,
  details: `FILE is a path in your own files, or - for standard input:
  ssh -p 2222 admin@host user import - < class.csv > passwords.csv
The first line names the columns, in any order: ${rosterColumns.join(",")}. Only username is needed;
teaches is for staff, sections with | between them. An empty cell leaves what is there; a new account is a student.
All lines or none, in one step; the same list again changes nothing. The report goes to standard error.`,
  async run(context, input) {
    const [file = ""] = input.arguments;
    const { account, services } = context;
    const list = await readRoster(await contentOf(context, file));
    const plan = await services.accounts.roster.plan(list.rows, account.username);
    const problems = [...list.problems, ...plan.problems].toSorted((a, b) => a.number - b.number);
    const skip = input.flag("skip-bad");
    if (problems.length > 0) tellProblems(context, problems);
    if (list.open) context.stderr.write(`The last line (${list.rows.at(-1)?.username ?? "the header"}) has no line end: see that the list is whole.\n`);
    if (problems.length > 0 && !skip) {
      const total = list.rows.length + list.problems.length;
      throw new UserError("bad-roster", `${problems.length} of ${count(total, "line")} can't be used; nothing was changed`, "Mend the list, or leave these lines out with --skip-bad.");
    }
    if (input.flag("dry-run")) return told(context, plan, problems, undefined);
    const applied = await apply(context, list, plan);
    return told(context, applied.plan, problems, applied);
  },
};

async function contentOf({ account, services, stdin }: CommandContext, file: string): Promise<Buffer> {
  if (file === "-") return await readBytes(stdin, mostRosterBytes);
  // The server's own account has no files here; whoever uses it has a shell.
  if (account.id === 0) throw new UserError("usage", "a path is one in the files of a classh account", "On the server send the file: bin/classh user import - < class.csv");
  const workspace = services.workspaces.for(account);
  return await workspace.readBytes(workspace.normalise(file));
}

async function apply(context: CommandContext, { rows }: ReadRoster, plan: RosterPlan): Promise<AppliedRoster> {
  const { accounts } = context.services;
  const bad = new Set(plan.problems.map(({ number }) => number));
  const good = rows.filter(({ number }) => !bad.has(number));
  const applied = await withProgress(context, "passwords", plan.added.length, (onProgress) =>
    accounts.roster.apply(good, context.account.username, { onProgress, signal: context.closed }));
  const updated = applied.plan.updated.map(({ row, before, fields }) => ({ username: before.username, fields, role: row.role === before.role ? undefined : row.role }));
  await recordForAll(context, [
    ...applied.created.map(({ account: { username, role } }) => ({ action: "user.add", username, detail: { role, by: "import" } })),
    ...updated.map(({ username, fields, role }) => ({ action: "user.set", username, detail: { fields: fields.join(" "), by: "import", ...(role ? { role } : {}) } })),
  ]);
  for (const { username, role } of updated) {
    if (role) await endSessionsOf(context, [username], `Your role is now ${role}. Your work is kept: log in again.`);
  }
  return applied;
}

function tellProblems({ stderr }: CommandContext, problems: readonly RosterProblem[]): void {
  stderr.write(problems.map(({ number, problem }) => `line ${number}: ${printable(problem)}\n`).join(""));
}

/** The report on standard error, the passwords on standard output. */
function told({ stderr }: CommandContext, plan: RosterPlan, problems: readonly RosterProblem[], applied: AppliedRoster | undefined): Answer {
  const { added, updated, unchanged, newSections } = plan;
  const changed = updated.map(({ before, fields }) => `${before.username}: ${fields.join(", ")}\n`);
  const skipped = problems.length > 0 ? `, ${problems.length} left out` : "";
  const disabled = [...updated.map(({ before }) => before), ...unchanged].filter(({ state }) => state === "disabled").length;
  const report = [
    ...changed,
    ...(newSections.length > 0 ? [`New sections: ${newSections.map(printable).join(", ")}\n`] : []),
    ...(disabled > 0 ? [`Disabled, and still so: ${count(disabled, "account")} (user enable)\n`] : []),
    `${applied ? "" : "Nothing was changed. It would be: "}${added.length} added, ${updated.length} changed, ${unchanged.length} as they were${skipped}.\n`,
  ];
  stderr.write(report.join(""));
  const created = applied?.created ?? [];
  const json = {
    dryRun: applied === undefined,
    added: applied ? created.map(({ account, password }) => ({ ...publicView(account), password })) : added.map(({ username }) => ({ username })),
    updated: updated.map(({ before, fields }) => ({ username: before.username, fields })),
    unchanged: unchanged.map(({ username }) => username),
    skipped: problems.map(({ number, problem }) => ({ line: number, problem })),
    newSections,
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
  details: "Passwords and keys are not in it.",
  async run({ services }, input) {
    const section = input.text("section");
    if (section !== undefined) await requireSection(services, section);
    const found = await services.accounts.list({ role: roleOption(input), section });
    return answer(found.map(publicView), writeRoster(found));
  },
};

export const roster: readonly Command[] = [importUsers, exportUsers];
