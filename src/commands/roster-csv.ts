/**
 * Lists of accounts as CSV (RFC 4180), read as spreadsheets and course systems write it: with or without a byte order mark, with
 * commas, semicolons or tabs, any line ends, quotes, blank lines, columns in any order. What can't be read is told by its line.
 */
import { Readable } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import { parse, type CsvError } from "csv-parse";
import { stringify } from "csv-stringify/sync";
import { checkNewAccount, checkSectionName, type Account, type CreatedAccount } from "../auth/account.ts";
import { isRole, roles } from "../auth/roles.ts";
import type { RosterProblem, RosterRow } from "../auth/roster.ts";
import { UserError } from "../base/errors.ts";
import { printable } from "./table.ts";

export const rosterColumns = ["username", "name", "email", "role", "section", "teaches"] as const;

type Column = (typeof rosterColumns)[number];

/** Bytes of a list, and people in it: a class has some hundreds; whoever sends more has taken the wrong file. */
export const mostRosterBytes = 10 * 2 ** 20;
export const mostRosterRows = 10_000;
/** A quote that is never closed would take the rest of the file for one cell. */
const mostRowBytes = 16 * 1024;
const piece = 64 * 1024;
/** Between the sections in the column `teaches`. */
const separator = "|";

export interface ReadRoster {
  readonly rows: readonly RosterRow[];
  /** By line. */
  readonly problems: readonly RosterProblem[];
  /** The last line has no line end. Many programs write none; but a list that broke off in a name looks like that too. */
  readonly open: boolean;
}

interface Line {
  readonly number: number;
  readonly cells: readonly string[];
}

/** Throws `bad-roster` when it is no such list at all, `too-large` beyond the bounds. */
export async function readRoster(bytes: Buffer): Promise<ReadRoster> {
  if (bytes.length > mostRosterBytes) throw new UserError("too-large", `the list is larger than ${mostRosterBytes / 2 ** 20} MiB`, "Is it the right file? Send it in parts.");
  const { lines, problems } = await readLines(bytes, delimiterOf(textOf(bytes)));
  const [header, ...rest] = lines;
  if (!header) throw bad("the list is empty", `The first line names the columns: ${rosterColumns.join(",")}`);
  const columns = columnsOf(header);
  const rows: RosterRow[] = [];
  const seen = new Map<string, number>();
  for (const line of rest) {
    try {
      const row = rowOf(line, columns);
      const first = seen.get(row.username);
      if (first !== undefined) throw bad(`${row.username} is in line ${first} already`);
      seen.set(row.username, line.number);
      rows.push(row);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      // A list from abroad has many such names: one rule beside each is more use than "can't".
      problems.push({ number: line.number, problem: error.code === "bad-name" ? `${error.message}: ${nameRule}` : error.message });
    }
  }
  return { rows, problems: problems.toSorted((a, b) => a.number - b.number), open: ![10, 13].includes(bytes.at(-1) ?? 10) };
}

function textOf(bytes: Buffer): string {
  const hint = 'Save it as "CSV UTF-8" in the spreadsheet.';
  if (bytes.includes(0)) throw bad("the list is not plain text: it holds NUL bytes", hint);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new UserError("bad-roster", "the list is not in UTF-8, so names would be damaged", hint, { cause });
  }
}

/** The one of which the header has most: a header has no quoted text with others in it. */
function delimiterOf(text: string): string {
  const header = /[^\r\n]*\S[^\r\n]*/.exec(text)?.[0] ?? "";
  const [best = ","] = [",", ";", "\t"].toSorted((a, b) => header.split(b).length - header.split(a).length);
  return best;
}

/** All lines that are not blank, and those that are no CSV. */
async function readLines(bytes: Buffer, delimiter: string): Promise<{ lines: readonly Line[]; problems: RosterProblem[] }> {
  const problems = new Map<number, string>();
  const skip = (error: CsvError | undefined): undefined => {
    if (error) problems.set(Number(error.lines), explained(error));
  };
  const parser = parse({
    bom: true, delimiter, trim: true, info: true, skip_empty_lines: true, relax_quotes: true, relax_column_count: true,
    record_delimiter: ["\r\n", "\n", "\r"], max_record_size: mostRowBytes, skip_records_with_error: true, on_skip: skip,
  });
  const lines: Line[] = [];
  for await (const { record, info } of Readable.from(pieces(bytes)).pipe(parser) as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
    if (record.every((cell) => cell === "")) continue;
    lines.push({ number: info.lines, cells: record });
    if (lines.length - 1 > mostRosterRows) throw new UserError("too-large", `there are more than ${mostRosterRows} people in the list`, "Is it the right file? Send it in parts.");
  }
  return { lines, problems: [...problems].map(([number, problem]) => ({ number, problem })) };
}

/** Small pieces with turns of the event loop between them: ten megabytes of text must not hold anybody's keys up. */
async function* pieces(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += piece) {
    yield bytes.subarray(at, at + piece);
    await turn();
  }
}

function explained(error: CsvError): string {
  switch (error.code) {
    case "CSV_QUOTE_NOT_CLOSED":
      return 'a quote (") is opened and never closed; is the list whole?';
    case "CSV_MAX_RECORD_SIZE":
      return 'the line is too long; is a quote (") opened and never closed?';
    default:
      return 'a quote (") is in the wrong place';
  }
}

function columnsOf({ cells }: Line): readonly Column[] {
  const columns = cells.map((cell) => {
    const name = cell.toLowerCase().replaceAll(/[\s_-]/g, "");
    const column = rosterColumns.find((known) => known === name);
    if (column) return column;
    throw bad(`the list has a column ${JSON.stringify(printable(cell).slice(0, 40))} in its first line`, `The columns are: ${rosterColumns.join(", ")}. Only username has to be there.`);
  });
  const double = columns.find((column, index) => columns.indexOf(column) !== index);
  if (double) throw bad(`the list has two columns ${double}`);
  if (!columns.includes("username")) throw bad("the list has no column username", "Without it nobody knows whom a line is about.");
  return columns;
}

/** Throws a UserError that says what is wrong with the line. */
function rowOf({ number, cells }: Line, columns: readonly Column[]): RosterRow {
  if (cells.length !== columns.length) {
    throw bad(`it has ${cells.length} ${cells.length === 1 ? "cell" : "cells"}, and the first line has ${columns.length}; is the list whole?`);
  }
  const values = new Map(columns.map((column, index) => [column, cells[index] || undefined]));
  const role = values.get("role")?.toLowerCase();
  if (role !== undefined && !isRole(role)) throw bad(`there is no role ${JSON.stringify(printable(role).slice(0, 40))}; the roles are ${roles.join(", ")}`);
  const person = { username: values.get("username") ?? "", name: values.get("name"), email: values.get("email"), section: values.get("section") };
  if (person.username === "") throw bad("it has no username");
  checkNewAccount({ ...person, role: role ?? "student" });
  const teaches = values.get("teaches")?.split(separator).map((name) => name.trim()).filter(Boolean);
  for (const name of teaches ?? []) checkSectionName(name);
  return { number, ...person, role, teaches };
}

/** What `readRoster` reads: the accounts with everything a list can say. */
export function writeRoster(accounts: readonly Account[]): string {
  const rows = accounts.map(({ username, name, email = "", role, section = "", sections }) => [
    username, name, email, role, section, sections.filter((taught) => taught !== section).join(separator),
  ]);
  return writeCsv(rosterColumns, rows);
}

/** Initial passwords, to be handed out. */
export function writePasswords(created: readonly CreatedAccount[]): string {
  return writeCsv(["username", "password", "name", "section"], created.map(({ account, password }) => [account.username, password, account.name, account.section ?? ""]));
}

function writeCsv(header: readonly string[], rows: readonly (readonly string[])[]): string {
  return stringify([header, ...rows].map((row) => [...row]));
}

const nameRule = "only a to z, 0 to 9, - and _, beginning with a letter";

function bad(message: string, hint?: string): UserError {
  return new UserError("bad-roster", message, hint);
}
