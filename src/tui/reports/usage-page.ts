/** What the students of a class did: a chart by day, errors by kind, and a line for each student. */
import type { Account } from "../../auth/account.ts";
import { counted } from "../../base/counted.ts";
import { usageKeys } from "../../commands/keys/report-keys.ts";
import {
  failedRuns,
  hoursText,
  limitedRuns,
  type StudentUse,
  type UsageReport,
  type Use,
} from "../../commands/usage-report.ts";
import type { Surface } from "../../terminal/draw/surface.ts";
import { area } from "../views/area.ts";
import { fitEnd, padTo } from "../views/fit.ts";
import { hintOf } from "../views/hint-line.ts";
import type { ScrollList } from "../views/scroll-list.ts";
import { accent, bold, dim, error, plain } from "../views/styles.ts";
import { drawBars } from "./bar-chart.ts";
import type { ReportPage } from "./report-page.ts";

/** What a usage page asks for. */
export interface UsageWish {
  readonly days: number;
  /** Undefined for all that the person may see. */
  readonly section: string | undefined;
}

/** Where its figures come from. */
export interface UsagePageOptions {
  readonly read: (account: Account, question: UsageWish) => Promise<UsageReport>;
  /** The sections that somebody may see. */
  readonly sections: (account: Account) => Promise<readonly string[]>;
}

interface Measure {
  readonly name: string;
  readonly of: (use: Use) => number;
  readonly text: (value: number) => string;
}

const number = (value: number): string => value.toLocaleString("en");
const whole = (value: number): string => (value % 1 === 0 ? number(value) : value.toFixed(1));
const sum = (numbers: Readonly<Record<string, number>>): number =>
  Object.values(numbers).reduce((total, number) => total + number, 0);

const measures: readonly Measure[] = [
  { name: "Hours", of: ({ seconds }) => seconds / 3600, text: whole },
  { name: "Runs", of: ({ runs }) => runs, text: whole },
  { name: "Errors", of: ({ errors }) => sum(errors), text: whole },
  { name: "Logins", of: ({ logins }) => logins, text: whole },
];
const periods = [30, 120, 7] as const;
const everyMs = 20_000;
/** Columns from which all columns of the table, and days with their year, have room. */
const wideFrom = 100;
/** Bars of errors that would be shorter all look alike. */
const leastBar = 4;

/** The screen with the use of the class. */
export class UsagePage implements ReportPage {
  readonly title = "usage";
  readonly permission = "usage.read-section";
  readonly keys = usageKeys;
  readonly hints = [
    hintOf(usageKeys, "measure"),
    hintOf(usageKeys, "days"),
    hintOf(usageKeys, "section"),
    hintOf(usageKeys, "help"),
    hintOf(usageKeys, "back"),
  ];
  readonly everyMs = everyMs;
  readonly #options: UsagePageOptions;
  #measure = 0;
  #period = 0;
  #section: string | undefined;
  #sections: readonly string[] = [];
  #report: UsageReport | undefined;

  constructor(options: UsagePageOptions) {
    this.#options = options;
  }

  async read(account: Account): Promise<void> {
    this.#sections = await this.#options.sections(account);
    // One that was removed, or is not theirs any more.
    if (this.#section !== undefined && !this.#sections.includes(this.#section)) this.#section = undefined;
    this.#report = await this.#options.read(account, {
      days: periods[this.#period] ?? periods[0],
      section: this.#section,
    });
  }

  run(command: string): boolean {
    if (command === "measure") this.#measure = (this.#measure + 1) % measures.length;
    else if (command === "days") this.#period = (this.#period + 1) % periods.length;
    else if (command === "section") this.#section = this.#nextSection();
    return command !== "measure";
  }

  draw(surface: Surface, list: ScrollList): { readonly rows: number; readonly visible: number } {
    const report = this.#report;
    const measure = measures[this.#measure];
    if (!report || !measure) return { rows: 0, visible: 1 };
    const { width, height } = surface;
    const chartRows = Math.max(6, Math.min(18, Math.floor((height - 4) * 0.45)));
    const errorColumns = Math.min(44, Math.floor(width * 0.34));
    this.#drawTitle(surface, report, measure);
    const bars = report.days.map((day) => ({ label: day.day.slice(5), value: measure.of(day) }));
    drawBars(surface.part(area(1, 0, width - errorColumns - 2, chartRows)), bars, measure.text);
    drawErrors(surface.part(area(0, width - errorColumns, errorColumns, chartRows + 1)), report.all);
    surface.put(chartRows + 1, 1, fitEnd(totals(report), width - 2), plain);
    const top = chartRows + 3;
    const visible = height - top;
    const students = report.students.toSorted(
      (a, b) => measure.of(b) - measure.of(a) || ((a.username ?? "~") < (b.username ?? "~") ? -1 : 1),
    );
    list.clampTop(students.length, visible);
    drawTitles(surface, top - 1, measure.name.toUpperCase());
    for (let row = 0; row < visible; row++) {
      const student = students[list.top + row];
      if (student) drawStudent(surface, top + row, student);
    }
    if (students.length === 0) surface.put(top, 1, "Nothing was done in these days.", dim);
    return { rows: students.length, visible };
  }

  #nextSection(): string | undefined {
    const at = this.#section === undefined ? -1 : this.#sections.indexOf(this.#section);
    return this.#sections[at + 1];
  }

  #drawTitle(surface: Surface, { from, to, sections }: UsageReport, { name }: Measure): void {
    const used = surface.put(0, 1, `${name} a day`, bold);
    const [first, last] = surface.width < wideFrom ? [from.slice(5), to.slice(5)] : [from, to];
    const whom = whomText(sections);
    surface.put(0, used + 4, fitEnd(`${first} to ${last} · ${whom}`, Math.floor(surface.width * 0.66) - used - 6), dim);
  }
}

function whomText(sections: readonly string[] | undefined): string {
  if (sections === undefined) return "everybody";
  return sections.length === 0 ? "you teach no section" : `section ${sections.join(", ")}`;
}

function totals({ students, all }: UsageReport): string {
  return [
    counted(students.length, "student"),
    `${hoursText(all.seconds)} h`,
    counted(all.logins, "login"),
    `${counted(all.runs, "run")}: ${number(all.outcomes.ok ?? 0)} ok, ${number(failedRuns(all))} failed, ${number(limitedRuns(all))} at a limit`,
  ].join(" · ");
}

function drawErrors(surface: Surface, { errors }: Use): void {
  const entries = Object.entries(errors);
  surface.put(0, 0, "Errors by kind", bold);
  if (entries.length === 0) surface.put(1, 0, "none", dim);
  const most = entries[0]?.[1] ?? 1;
  const numbers = Math.max(...entries.map(([, times]) => String(times).length), 1);
  const names = Math.min(20, Math.max(...entries.map(([name]) => name.length), 1));
  const room = Math.max(1, surface.width - names - numbers - 3);
  for (const [index, [name, times]] of entries.slice(0, surface.height - 1).entries()) {
    surface.put(index + 1, 0, padTo(name, names), plain);
    surface.put(index + 1, names + 1, String(times).padStart(numbers), error);
    if (room < leastBar) continue;
    surface.put(index + 1, names + numbers + 2, "▇".repeat(Math.max(1, Math.round((times / most) * room))), accent);
  }
}

interface Column {
  readonly title: string;
  readonly width: number;
  /** The narrowest screen that has it. */
  readonly from: number;
  readonly text: (student: StudentUse) => string;
}

const columns: readonly Column[] = [
  { title: "SECTION", width: 10, from: wideFrom, text: ({ section }) => section ?? "" },
  { title: "LOGINS", width: 6, from: wideFrom, text: ({ logins }) => String(logins) },
  { title: "HOURS", width: 6, from: 0, text: ({ seconds }) => hoursText(seconds) },
  { title: "RUNS", width: 5, from: 0, text: ({ runs }) => String(runs) },
  { title: "OK", width: 5, from: 0, text: ({ outcomes }) => String(outcomes.ok ?? 0) },
  { title: "FAILED", width: 6, from: 0, text: (use) => String(failedRuns(use)) },
  { title: "LIMIT", width: 5, from: 0, text: (use) => String(limitedRuns(use)) },
];
const gap = 2;

/** The columns that fit, with their places; numbers stand at the right of theirs. */
function placed(width: number): {
  readonly name: number;
  readonly errors: number;
  readonly at: readonly (Column & { readonly column: number })[];
} {
  const name = width >= wideFrom ? 32 : 20;
  let column = 1 + name + gap;
  const at = columns.flatMap((each) => {
    if (width < each.from) return [];
    const place = { ...each, column };
    column += each.width + gap;
    return [place];
  });
  return { name, errors: column, at };
}

/** The title of the column by which the rows are sorted is brighter. */
function drawTitles(surface: Surface, row: number, sorted: string): void {
  const { name, errors, at } = placed(surface.width);
  surface.put(row, 1, fitEnd("STUDENT", name), dim);
  for (const { title, width, column } of at)
    surface.put(row, column, aligned(title, title, width), title === sorted ? accent : dim);
  surface.put(row, errors, fitEnd("ERRORS", surface.width - errors - 1), sorted === "ERRORS" ? accent : dim);
}

function drawStudent(surface: Surface, row: number, student: StudentUse): void {
  const { name, errors, at } = placed(surface.width);
  const { username } = student;
  const shown =
    username === null ? "removed accounts" : student.name === "" ? username : `${username}  ${student.name}`;
  surface.put(row, 1, fitEnd(shown, name), username === null ? dim : bold);
  for (const { title, width, column, text } of at)
    surface.put(row, column, aligned(title, text(student), width), plain);
  const words = Object.entries(student.errors).map(([kind, times]) => `${kind} ${times}`);
  surface.put(row, errors, fitEnd(words.join(", "), surface.width - errors - 1), dim);
}

function aligned(title: string, text: string, width: number): string {
  return title === "SECTION" ? fitEnd(text, width) : fitEnd(text, width).padStart(width);
}
