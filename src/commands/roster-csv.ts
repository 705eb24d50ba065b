/**
 * Lists of accounts as CSV: classh's own, and those that spreadsheets and course systems export, unchanged.
 * `roster-text` reads lines, `roster-columns` says what columns mean, and here lines become people. Errors name the
 * line.
 */
import { asUsername, checkNewAccount, checkSectionName, type Account, type CreatedAccount } from "../auth/account.ts";
import { turnedRound } from "../auth/person-name.ts";
import { isRole, roles, type Role } from "../auth/roles.ts";
import type { RosterProblem, RosterRow } from "../auth/roster.ts";
import { counted } from "../base/counted.ts";
import { folded } from "../base/fold.ts";
import { UserError } from "../base/errors.ts";
import { csvText, harmful } from "./csv-text.ts";
import { columnsOf, rosterColumns, type Column, type Columns } from "./roster-columns.ts";
import { readRosterText, type Line } from "./roster-text.ts";
import { printable } from "./table.ts";

export { maxRosterBytes, maxRosterRows } from "./roster-text.ts";
export { rosterColumns } from "./roster-columns.ts";

/** Separates the sections in the column `teaches` of classh's own lists. */
const separator = "|";

/** A list that was read. */
export interface ReadRoster {
  readonly rows: readonly RosterRow[];
  /** The problems, in the order of their lines. */
  readonly problems: readonly RosterProblem[];
  /** Lines that are about nobody: maximum points, test students. */
  readonly passedOver: readonly RosterProblem[];
  /** The names of ignored columns. */
  readonly ignored: readonly string[];
  /** What the person should know about how it was read; undefined for an ordinary list. */
  readonly note: string | undefined;
  /**
   * Whether the last line has no line end. Many programs write none, but a list that broke off in a name looks the
   * same.
   */
  readonly open: boolean;
}

/**
 * Reads a list; `wanted` is `--columns`. Throws `bad-roster` for text that is no such list, `too-large` beyond the
 * bounds, `usage` for a bad `--columns`.
 */
export async function readRoster(bytes: Buffer, wanted?: string): Promise<ReadRoster> {
  const { lines, problems, note, open } = await readRosterText(bytes);
  const [first] = lines;
  if (!first) throw bad("the list is empty", `The first line names the columns: ${rosterColumns.join(",")}`);
  const columns = columnsOf(first, wanted);
  const people = new Map<string, RosterRow>();
  const passedOver: RosterProblem[] = [];
  for (const line of columns.hasHeader ? lines.slice(1) : lines) {
    try {
      const values = valuesOf(line, columns);
      const nobody = nobodyIn(values);
      if (nobody !== undefined) {
        passedOver.push({ number: line.number, problem: nobody });
        continue;
      }
      const row = rowOf(line, values, columns);
      const before = people.get(row.username);
      people.set(row.username, before ? merged(before, row) : row);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      // A foreign list has many such names: one rule beside each is more useful than "can't".
      problems.push({
        number: line.number,
        problem: error.code === "bad-name" ? `${error.message}: ${nameRule}` : error.message,
      });
    }
  }
  return {
    rows: [...people.values()],
    problems: problems.toSorted((a, b) => a.number - b.number),
    passedOver,
    ignored: columns.ignored,
    note,
    open,
  };
}

type Values = ReadonlyMap<Column, string>;

/** The values of a line by column. Throws when cells with a meaning are missing, or when there are too many. */
function valuesOf({ cells }: Line, { meaning }: Columns): Values {
  const lastNeeded = meaning.findLastIndex((column) => column !== undefined);
  const tooMany = cells.slice(meaning.length).some((cell) => cell !== "");
  if (tooMany || cells.length <= lastNeeded) {
    throw bad(
      `it has ${counted(cells.length, "cell")}, but the list has ${counted(meaning.length, "column")}; is the list complete?`,
    );
  }
  const values = new Map<Column, string>();
  for (const [index, column] of meaning.entries()) {
    const value = harmful(cells[index] ?? "");
    if (column !== undefined && value !== "") values.set(column, value);
  }
  return values;
}

const headWords: ReadonlySet<string> = new Set([
  "points possible",
  "manual posting",
  "points",
  "date",
  "class average",
  "due date",
  "max points",
  "overall average",
]);
const testNames: ReadonlySet<string> = new Set(["student, test", "test student", "testteilnehmer", "test user"]);

/** Why a line is about nobody: the second line of a gradebook's head, or the test student of a course system. */
function nobodyIn(values: Values): string | undefined {
  const name = folded(
    values.get("name") ?? [values.get("lastname"), values.get("firstname")].filter(Boolean).join(", "),
  )
    .replace(/\s+/g, " ")
    .trim();
  const username = folded(values.get("username") ?? "");
  if (username === "" && headWords.has(name.replace(/[:, ]+$/, ""))) return "a heading";
  if (
    username.endsWith("_previewuser") ||
    (testNames.has(name) && (username === "" || /^[0-9a-f]{32,}$/.test(username)))
  )
    return "the course system's test student";
  return undefined;
}

/** The person in a line. Throws a UserError that says what is wrong with it. */
function rowOf({ number }: Line, values: Values, { isOurs, sectionSeparator }: Columns): RosterRow {
  const role = roleOf(values.get("role"), isOurs);
  const email = values.get("email") ?? addressIn(values.get("username"));
  const person = { username: usernameOf(values), name: nameOf(values, isOurs), email };
  if (person.username === "") throw bad("it has no username");
  const sections = (values.get("section") ?? "")
    .split(isOurs ? "\n" : sectionSeparator)
    .map((name) => name.trim())
    .filter((name) => name !== "");
  const [section, ...more] = new Set(sections);
  checkNewAccount({ ...person, section, role: role ?? "student" });
  for (const name of more) checkSectionName(name);
  const taught = values
    .get("teaches")
    ?.split(separator)
    .map((name) => name.trim())
    .filter(Boolean);
  for (const name of taught ?? []) checkSectionName(name);
  return { number, ...person, role, section, more, teaches: taught };
}

/** The username: a login, a number, or the part of an e-mail address before the @, whichever column there is. */
function usernameOf(values: Values): string {
  const text = values.get("username") ?? values.get("id") ?? values.get("email") ?? "";
  return asUsername(addressIn(text) === undefined ? text : text.slice(0, text.indexOf("@")));
}

function addressIn(text: string | undefined): string | undefined {
  return text !== undefined && /^[^\s@]+@[^\s@]+$/.test(text) ? text : undefined;
}

function nameOf(values: Values, isOurs: boolean): string | undefined {
  const parts = [values.get("firstname"), values.get("lastname")].filter((part) => part !== undefined);
  if (parts.length > 0) return parts.join(" ").replace(/\s+/g, " ");
  const name = values.get("name");
  return name === undefined || isOurs ? name : turnedRound(name);
}

/** What course systems call our roles. */
const otherRoles: Readonly<Record<string, Role>> = {
  learner: "student",
  participant: "student",
  teilnehmer: "student",
  teilnehmerin: "student",
  etudiant: "student",
  estudiante: "student",
  s: "student",
  assistant: "ta",
  teachingassistant: "ta",
  grader: "ta",
  tutor: "ta",
  noneditingteacher: "ta",
  courseassistant: "ta",
  teacher: "professor",
  instructor: "professor",
  editingteacher: "professor",
  lecturer: "professor",
};

function roleOf(text: string | undefined, isOurs: boolean): Role | undefined {
  if (text === undefined) return undefined;
  const role = text.toLowerCase();
  if (isRole(role)) return role;
  const other = isOurs ? undefined : otherRoles[folded(text).replace(/[^a-z]/g, "")];
  if (other) return other;
  throw bad(`there is no role ${JSON.stringify(printable(text).slice(0, 40))}; the roles are ${roles.join(", ")}`);
}

/** Two lines about one person, merged: both sections, and nothing that contradicts. */
function merged(before: RosterRow, row: RosterRow): RosterRow {
  for (const field of ["name", "email", "role"] as const) {
    if (before[field] === undefined || row[field] === undefined || before[field] === row[field]) continue;
    throw bad(`line ${before.number} has ${row.username} already, with another ${field}`);
  }
  const sections = [
    ...new Set([before.section, ...before.more, row.section, ...row.more].filter((name) => name !== undefined)),
  ];
  const teaches =
    before.teaches || row.teaches ? [...new Set([...(before.teaches ?? []), ...(row.teaches ?? [])])] : undefined;
  return {
    number: before.number,
    username: before.username,
    name: before.name ?? row.name,
    email: before.email ?? row.email,
    role: before.role ?? row.role,
    section: sections[0],
    more: sections.slice(1),
    teaches,
  };
}

/** The accounts as a list that `readRoster` reads, with everything a list can say. */
export function writeRoster(accounts: readonly Account[]): string {
  const rows = accounts.map(({ username, name, email = "", role, section = "", sections }) => [
    username,
    name,
    email,
    role,
    section,
    sections.filter((taught) => taught !== section).join(separator),
  ]);
  return writeCsv(rosterColumns, rows);
}

/** Initial passwords as a list, to be handed out. */
export function writePasswords(created: readonly CreatedAccount[]): string {
  return writeCsv(
    ["username", "password", "name", "section"],
    created.map(({ account, password }) => [account.username, password, account.name, account.section ?? ""]),
  );
}

function writeCsv(header: readonly string[], rows: readonly (readonly string[])[]): string {
  return csvText([header, ...rows]);
}

const nameRule = "only a to z, 0 to 9, single dots, - and _, and a letter or digit at the beginning";

function bad(message: string, hint?: string): UserError {
  return new UserError("bad-roster", message, hint);
}
