/** usage: what students did, by student and by day. */
import { once } from "node:events";
import { UserError } from "../../base/errors.ts";
import { outcomeNames } from "../../classroom/usage-names.ts";
import { usageByStudent, type UsageRange } from "../../classroom/usage-table.ts";
import { answer, type Command, type CommandContext } from "../command.ts";
import { csvText } from "../csv-text.ts";
import { momentOf } from "../option-values.ts";
import { listedSection } from "../people.ts";
import { table } from "../table.ts";
import {
  daysOf,
  failedRuns,
  hoursText,
  limitedRuns,
  readUsage,
  usageRange,
  usageSections,
  useOf,
  type UsageReport,
  type Use,
} from "../usage-report.ts";

const useShape = "logins: number, seconds: seconds, runs: number, outcomes: any, errors: any";

/** The command `usage`. */
export const usageCommand: Command = {
  name: "usage",
  summary: "Show what students did: logins, hours, runs and how they ended, errors, by student and by day",
  permission: "usage.read-section",
  options: {
    since: { type: "string", value: "TIME", doc: "how long ago (7d, 12w) or a day (2026-09-01); 30d when not given" },
    section: { type: "string", value: "SECTION", doc: "only students who are in this section" },
    csv: { type: "boolean", doc: "a line for each student and day, for a spreadsheet" },
  },
  details: `Teachers see the students of their own sections, admins everybody. Hours are the time in the IDE with a terminal open and a key pressed in the \
last five minutes. RUNS are those of F5 and of "run"; FAILED ended with an error or another status than 0, LIMIT at a limit (time, memory, output). \
Errors at the prompt count too, but are no runs. Whoever is renamed keeps their numbers; those of removed accounts are shown together, to admins. \
Numbers of other processes come within 20 seconds. On a screen: the palette, "Usage".`,
  json: true,
  shape: `{
  from: text, to: text, sections: text[] | null,
  students: { username: text | null, name: text, section: text | null, ${useShape} }[],
  days: { day: text, students: number, ${useShape} }[],
  all: { ${useShape} }
}`,
  async run(context, input) {
    const { account, services } = context;
    if (input.flag("csv") && input.flag("json"))
      throw new UserError("usage", "--csv and --json can't be combined", "Choose one of them.");
    const now = services.clock.now();
    const section = await listedSection(context, input);
    const since = momentOf(input, "since", now) ?? new Date(now - 29 * 86_400_000);
    const range = usageRange(since, now, usageSections(account, section));
    if (input.flag("csv")) return await writeCsv(context, range);
    const report = await readUsage(services, range);
    const document = { ...report, sections: report.sections ?? null };
    return answer(document, textOf(report));
  },
};

function textOf(report: UsageReport): string {
  const { from, to, sections, students, days, all } = report;
  const names = sections?.join(", ") || "no section";
  const whom = sections === undefined ? "all students" : `students of section ${names}`;
  const used = days.filter((day) => day.students > 0);
  if (used.length === 0) return `From ${from} to ${to} nothing was counted for ${whom}.\n`;
  const header = ["LOGINS", "HOURS", "RUNS", "OK", "FAILED", "LIMIT", "MOST FREQUENT ERRORS"];
  const byDay = used.map((day) => [day.day, String(day.students), ...numbers(day)]);
  const byStudent = students.map((student) => [
    student.username ?? "(removed)",
    student.section ?? "",
    ...numbers(student),
  ]);
  return [
    `From ${from} to ${to}, ${whom}:\n`,
    table(["DAY", "STUDENTS", ...header], [...byDay, ["all", String(students.length), ...numbers(all)]], ""),
    table(["STUDENT", "SECTION", ...header], byStudent, ""),
  ].join("\n");
}

function numbers(use: Use): readonly string[] {
  const { logins, seconds, runs, outcomes, errors } = use;
  const worst = Object.entries(errors)
    .slice(0, 3)
    .map(([name, times]) => `${name} ${times}`);
  return [
    String(logins),
    hoursText(seconds),
    String(runs),
    String(outcomes.ok ?? 0),
    String(failedRuns(use)),
    String(limitedRuns(use)),
    worst.join(", "),
  ];
}

/** One day after the other, as fast as they are read: a term of a large class is never in memory at once. */
async function writeCsv({ services, stdout, closed }: CommandContext, range: UsageRange) {
  await services.usage.flush();
  const header = ["day", "username", "name", "section", "logins", "hours", "runs", ...outcomeNames, "errors"];
  await write(csvText([header]));
  for (const day of daysOf(range)) {
    if (closed.aborted || stdout.destroyed) break;
    const students = await usageByStudent(services.database, { ...range, from: day, to: day });
    await write(csvText(students.map((student) => rowOf(day, student))));
  }
  return { kind: "exit", status: 0 } as const;

  async function write(text: string): Promise<void> {
    if (text === "" || stdout.destroyed || stdout.write(text)) return;
    await once(stdout, "drain", { signal: closed }).catch(() => undefined); // gone: the loop ends
  }
}

function rowOf(day: string, { username, name, section, sums }: Awaited<ReturnType<typeof usageByStudent>>[number]) {
  const { logins, seconds, runs, outcomes, errors } = useOf([sums]);
  return [
    day,
    username ?? "",
    name ?? (username === null ? "(removed)" : ""),
    section ?? "",
    String(logins),
    (seconds / 3600).toFixed(2),
    String(runs),
    ...outcomeNames.map((outcome) => String(outcomes[outcome] ?? 0)),
    Object.entries(errors)
      .map(([error, times]) => `${error}=${times}`)
      .join(" "),
  ];
}
