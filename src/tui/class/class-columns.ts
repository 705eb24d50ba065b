/** The columns of the class view: which ones fit a width, and what they say about a student. */
import { spokenName } from "../../auth/person-name.ts";
import { needOf, type StudentStatus } from "../../classroom/need.ts";
import { counted } from "../../base/counted.ts";
import { shown } from "../../workspace/file-names.ts";
import type { CellStyle } from "../../terminal/draw/cell-style.ts";
import type { Surface } from "../../terminal/draw/surface.ts";
import { nameOf } from "../../workspace/paths.ts";
import { area } from "../views/area.ts";
import { fitEnd } from "../views/fit.ts";
import { accent, bold, dim, error, plain, success, warning } from "../views/styles.ts";

interface Cell {
  readonly text: string;
  readonly style: CellStyle;
}

interface Column {
  readonly title: string;
  readonly least: number;
  readonly most: number;
  /** Columns with a larger number disappear first when the screen is narrow. */
  readonly rank: number;
  /** Whether the text is cut at its start, because its end matters more. */
  readonly right?: boolean;
  readonly cell: (student: StudentStatus, now: number, group?: Group) => Cell;
}

/** A group of students with the same error, as one of its rows shows it. */
export interface Group {
  /** How many students have the error. */
  readonly size: number;
  /** Whether this is the group's first row. */
  readonly first: boolean;
}

/** A column with its position on the screen. */
export interface PlacedColumn {
  readonly column: Column;
  /** Columns left of it on the screen. */
  readonly at: number;
  /** Its width in columns. */
  readonly width: number;
}

const gap = 2;
const margin = 1;

/** From left to right. */
const columns: readonly Column[] = [
  {
    title: "STUDENT",
    least: 12,
    most: 30,
    rank: 1,
    cell: ({ username, name }) => ({ text: name === "" ? username : `${username}  ${name}`, style: bold }),
  },
  { title: "SECTION", least: 7, most: 14, rank: 6, cell: ({ section }) => ({ text: section ?? "", style: dim }) },
  { title: "STATE", least: 11, most: 11, rank: 2, cell: stateCell },
  {
    title: "FOR",
    least: 6,
    most: 6,
    rank: 3,
    right: true,
    cell: (student, now) => ({ text: lasts(student, now), style: plain }),
  },
  { title: "FILE", least: 12, most: 24, rank: 7, cell: ({ file }) => ({ text: fileName(file), style: plain }) },
  { title: "ERROR OR QUESTION", least: 20, most: 200, rank: 4, cell: whatCell },
  { title: "TIMES", least: 5, most: 5, rank: 5, right: true, cell: timesCell },
  { title: "LAST RUN", least: 16, most: 34, rank: 8, cell: runCell },
];

/** Chooses the columns that fit a width. Remaining room goes to the columns that can use it, the error first. */
export function placeColumns(width: number): readonly PlacedColumn[] {
  const room = width - 2 * margin;
  let used = -gap;
  const chosen = new Set<Column>();
  for (const column of columns.toSorted((a, b) => a.rank - b.rank)) {
    if (used + gap + column.least > room) break;
    used += gap + column.least;
    chosen.add(column);
  }
  const widths = new Map([...chosen].map((column) => [column, column.least]));
  let rest = room - used;
  // First a readable error, then names, then all the others; what remains goes to the error again.
  for (const [title, up] of [
    ["STUDENT", 20],
    ["ERROR OR QUESTION", 44],
    ["STUDENT", 30],
    ["FILE", 24],
    ["SECTION", 14],
    ["LAST RUN", 34],
    ["ERROR OR QUESTION", 200],
  ] as const) {
    const column = [...chosen].find((one) => one.title === title);
    if (!column) continue;
    const more = Math.max(0, Math.min(rest, Math.min(up, column.most) - (widths.get(column) ?? 0)));
    widths.set(column, (widths.get(column) ?? 0) + more);
    rest -= more;
  }
  let at = margin;
  return columns.flatMap((column) => {
    const wide = widths.get(column);
    if (wide === undefined) return [];
    const placed = { column, at, width: wide };
    at += wide + gap;
    return [placed];
  });
}

/** Draws the columns' titles. */
export function drawTitles(surface: Surface, row: number, placed: readonly PlacedColumn[]): void {
  for (const each of placed) put(surface, row, each, { text: each.column.title, style: dim });
}

/** What a row shows. */
export interface StudentRow {
  readonly student: StudentStatus;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** The background of the selected row. */
  readonly background: CellStyle | undefined;
  /** The group of students with the same error; undefined while the list is not grouped. */
  readonly group: Group | undefined;
}

/** Draws one student's row. */
export function drawStudent(
  surface: Surface,
  row: number,
  placed: readonly PlacedColumn[],
  { student, now, background, group }: StudentRow,
): void {
  if (background) surface.fill(area(row, 0, surface.width), background);
  for (const each of placed) {
    const { text, style } = each.column.cell(student, now, group);
    put(surface, row, each, { text, style: background ? { ...style, background: background.background } : style });
  }
}

function put(surface: Surface, row: number, { column, at, width }: PlacedColumn, { text, style }: Cell): void {
  const fitted = fitEnd(text, width);
  surface.put(row, column.right ? at + Math.max(0, width - fitted.length) : at, fitted, style);
}

/** A sign and a word for each state, so that nobody depends on colours. */
function stateCell(student: StudentStatus, now: number): Cell {
  const { hand, state } = student;
  // A hand stays up when the student leaves. The teacher should know before walking there, or wondering why there is no
  // screen.
  if (hand && (state === "offline" || state === "away")) return { text: `▲ ${state}`, style: dim };
  if (hand)
    return hand.claimedBy
      ? { text: "▲ claimed", style: accent }
      : { text: "▲ hand", style: { ...warning, bold: true } };
  switch (state) {
    case "typing":
      return { text: "● typing", style: success };
    case "running":
      return { text: "▶ running", style: needOf(student, now) === "long-run" ? warning : accent };
    case "error":
      return { text: "✗ error", style: error };
    case "idle":
      return { text: "· idle", style: dim };
    case "away":
      return { text: "○ away", style: dim };
    case "offline":
      return { text: "- offline", style: dim };
    default:
      return state satisfies never;
  }
}

function whatCell({ hand, error: failed, run }: StudentStatus, _now: number, group?: Group): Cell {
  if (group && failed)
    return group.first
      ? { text: `${counted(group.size, "student")}: ${failed.text}`, style: bold }
      : { text: `· ${failed.text}`, style: dim };
  if (hand) {
    const who = hand.claimedBy ? `${spokenName(hand.claimedBy)} is going there` : "";
    const question = hand.note === "" ? "" : `“${hand.note}”`;
    return { text: [who, question].filter((part) => part !== "").join(": ") || "asks for help", style: plain };
  }
  // An error is shown only if the last run still had it.
  return failed && run?.ok === false ? { text: failed.text, style: plain } : { text: "", style: plain };
}

function timesCell({ error: failed, run }: StudentStatus): Cell {
  const times = run?.ok === false ? (failed?.times ?? 0) : 0;
  return times > 1
    ? { text: `×${times}`, style: times > 2 ? { ...warning, bold: true } : plain }
    : { text: "", style: plain };
}

function runCell({ run }: StudentStatus, now: number): Cell {
  if (!run) return { text: "", style: dim };
  const sign = run.ok ? "✓" : "✗";
  return {
    text: `${sign} ${run.outcome} · ${age(now - run.at)} ago · ${fileName(run.file)}`,
    style: run.ok ? plain : error,
  };
}

/** For how long the student has been in this state, or the hand has been up. */
export function lasts({ hand, since }: StudentStatus, now: number): string {
  const from = hand?.raisedAt ?? since;
  return from === undefined ? "" : age(now - from);
}

/** A duration in milliseconds as "5 s", "4 min" or "2 h": at most 6 columns. */
export function age(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  return seconds < 360_000 ? `${Math.floor(seconds / 3600)} h` : "long";
}

function fileName(path = ""): string {
  return shown(nameOf(path));
}
