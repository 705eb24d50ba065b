/** Draws the class, and turns keys and the mouse into commands for its owner. */
import { classFindKeys, classKeys, type ClassCommand } from "../../commands/keys/class-keys.ts";
import { endKeys, lineKeys, pageKeys } from "../../commands/keys/list-keys.ts";
import { errorKey, needOf, type StudentStatus } from "../../classroom/need.ts";
import { counted } from "../../base/counted.ts";
import { stringWidth } from "../../base/width.ts";
import type { Surface } from "../../terminal/draw/surface.ts";
import type { InputEvent, MouseEvent } from "../../terminal/input/event.ts";
import { pressedKey } from "../../terminal/input/pressed-key.ts";
import type { Layer } from "../../terminal/layer.ts";
import { nameOf } from "../../workspace/paths.ts";
import { area } from "../views/area.ts";
import { fitEnd } from "../views/fit.ts";
import { drawHeader } from "../views/header.ts";
import { drawHintLine, hintAt, hintOf, shortKey, type Hint } from "../views/hint-line.ts";
import { isTooSmallForIde } from "../views/layout.ts";
import { ScrollList } from "../views/scroll-list.ts";
import { drawStatusLine, type StatusNotice } from "../views/status-line.ts";
import { dim, error, rule, selected } from "../views/styles.ts";
import { TextField } from "../views/text-field.ts";
import { drawTooSmall } from "../views/too-small.ts";
import type { ClassList } from "./class-list.ts";
import { drawStudent, drawTitles, placeColumns, type Group } from "./class-columns.ts";

/** The commands that the layer passes on to its owner. */
export type ClassLayerCommand = Exclude<ClassCommand, "left" | "right" | "find">;

/** What the layer shows, and whom it asks. */
export interface ClassLayerOptions {
  readonly list: ClassList;
  readonly course: string;
  readonly user: string;
  /** Facts for the header, such as unread messages. */
  readonly facts: () => readonly string[];
  /** The time of day as people read it: "10:41". */
  readonly clock: () => string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly notice: () => StatusNotice | undefined;
  /** What is wrong with the server, in a line of its own below the header; undefined when all is well. */
  readonly attention: () => string | undefined;
  /**
   * Takes the command of a key that neither moves nor finds; undefined for a key without a meaning, which ends a notice
   * too.
   */
  readonly command: (command: ClassLayerCommand | undefined) => void;
}

/** The header, the titles, the status line and the hints. */
const otherRows = 4;
const twoPanelsFrom = 160;

/** A hint with the command that a click on it runs. */
interface CommandHint extends Hint {
  readonly command: ClassCommand;
}

function classHint(command: ClassCommand, label?: string): CommandHint {
  return { ...hintOf(classKeys, command, label), command };
}

const watchHint = classHint("watch");
const otherHints = (
  ["message", "find", "help", "back", "inbox", "broadcast", "group", "offline", "usage"] as const
).map((command) => classHint(command));

/**
 * The keys that do something for this student. Those for hands appear only while the hand is up, "Coming" only until a
 * teacher comes.
 */
function hintsFor(student: StudentStatus | undefined): readonly CommandHint[] {
  const watch = student && student.state !== "offline" ? [watchHint] : [];
  if (!student?.hand) return [...watch, classHint("next", "Who needs help"), ...otherHints];
  const come = student.hand.claimedBy ? [] : [classHint("claim")];
  return [...watch, classHint("next"), ...come, classHint("answered"), ...otherHints];
}

const findHints: readonly Hint[] = [
  hintOf(classFindKeys, "keep"),
  hintOf(lineKeys, ["up", "down"]),
  hintOf(classFindKeys, "cancel"),
];

/** The class view's layer: the whole screen below its dialogs. */
export class ClassLayer implements Layer {
  readonly #options: ClassLayerOptions;
  readonly #scroll = new ScrollList();
  /** The field for finding a student; undefined while it is closed. */
  #field: TextField | undefined;
  #height = 1;
  /** Panels side by side, when there are more students than rows and the screen is wide. */
  #panels = 1;
  #width = 0;
  /** Row of the titles: the first below the header, or below what is wrong. */
  #titleRow = 1;

  constructor(options: ClassLayerOptions) {
    this.#options = options;
  }

  draw(surface: Surface): void {
    const { width, height } = surface;
    this.#width = width;
    if (isTooSmallForIde({ columns: width, rows: height })) return drawTooSmall(surface);
    const { list, course, user, clock, facts } = this.#options;
    drawHeader(surface.part(area(0, 0, width)), {
      course,
      user,
      facts: facts(),
      viewers: 0,
      clock: clock(),
      mode: this.#summary(),
    });
    const attention = this.#options.attention();
    this.#titleRow = attention === undefined ? 1 : 2;
    if (attention !== undefined) surface.put(1, 1, fitEnd(`! ${attention}`, width - 2), error);
    this.#height = height - otherRows - (this.#titleRow - 1);
    this.#panels = list.rows.length > this.#height && width >= twoPanelsFrom ? 2 : 1;
    this.#scroll.select(list.index);
    this.#scroll.fit(list.rows.length, this.#capacity);
    for (let panel = 0; panel < this.#panels; panel++) this.#drawPanel(surface, panel);
    if (list.rows.length === 0) surface.put(this.#firstRow + 1, 2, this.#nobody(), dim);
    this.#drawStatus(surface.part(area(height - 2, 0, width)));
    drawHintLine(surface.part(area(height - 1, 0, width)), this.#field ? findHints : hintsFor(list.selected));
  }

  /** The number of students that are visible at once. */
  get #capacity(): number {
    return this.#height * this.#panels;
  }

  /** Row of the first student. */
  get #firstRow(): number {
    return this.#titleRow + 1;
  }

  get #panelWidth(): number {
    return Math.floor(this.#width / this.#panels);
  }

  #drawPanel(surface: Surface, panel: number): void {
    const { list, now } = this.#options;
    const width = this.#panelWidth;
    const part = surface.part({
      row: 0,
      column: panel * width,
      width: width - (this.#panels - 1),
      height: surface.height,
    });
    const placed = placeColumns(part.width);
    drawTitles(part, this.#titleRow, placed);
    for (let line = 0; line < this.#height; line++) {
      const index = this.#scroll.top + panel * this.#height + line;
      const student = list.rows[index];
      if (student) {
        const background = index === list.index ? selected : undefined;
        drawStudent(part, this.#firstRow + line, placed, {
          student,
          now: now(),
          background,
          group: this.#groupOf(student, index),
        });
      }
      if (panel > 0) surface.put(this.#firstRow + line, panel * width - 1, "│", rule);
    }
  }

  #groupOf(student: StudentStatus, index: number): Group | undefined {
    const { list } = this.#options;
    const size = list.grouped ? list.alike(student) : 0;
    if (size < 2) return undefined;
    const before = list.rows[index - 1];
    return { size, first: before === undefined || errorKey(before) !== errorKey(student) };
  }

  handle(event: InputEvent): boolean {
    switch (event.kind) {
      case "key":
        this.#key(event);
        return true;
      case "text":
      case "paste":
        this.#text(event);
        return true;
      case "mouse":
        this.#mouse(event);
        return true;
      case "focus":
        return false;
      default:
        return event satisfies never;
    }
  }

  #key(event: InputEvent & { kind: "key" }): void {
    const { list } = this.#options;
    const { name } = event;
    const found = this.#field ? classFindKeys.commandFor(name) : undefined;
    if (found) return this.#endFind(found === "keep" ? (this.#field?.value ?? "") : "");
    this.#scroll.select(list.index);
    const moved =
      lineKeys.commandFor(name) ?? pageKeys.commandFor(name) ?? (this.#field ? undefined : endKeys.commandFor(name));
    if (this.#scroll.move(moved, list.rows.length, this.#capacity)) return list.select(this.#scroll.selected);
    if (this.#field?.handle(event)) return list.setFilter(this.#field.value);
    this.#run(classKeys.commandFor(name));
  }

  #run(command: ClassCommand | undefined): void {
    const { list } = this.#options;
    if (command === "find") return this.#startFind();
    if (command === "escape" && list.filter !== "") return list.setFilter("");
    const isSideways = command === "left" || command === "right";
    if (!isSideways) return this.#options.command(command);
    if (this.#panels === 1) this.#options.command(undefined);
    else list.select(list.index + (command === "left" ? -this.#height : this.#height));
  }

  #text(event: InputEvent & { kind: "text" | "paste" }): void {
    const { list } = this.#options;
    if (this.#field) {
      this.#field.handle(event);
      return list.setFilter(this.#field.value);
    }
    if (event.kind === "paste") return;
    // Characters that arrive together are still separate keys.
    for (const text of event.text) {
      const letter = { kind: "text", text } as const;
      if (this.#field) (this.#field as TextField).handle(letter);
      else this.#run(classKeys.commandFor(pressedKey(letter)));
    }
    if (this.#field) list.setFilter((this.#field as TextField).value);
  }

  #mouse(event: MouseEvent): void {
    const { list } = this.#options;
    if (event.action === "wheel-up" || event.action === "wheel-down")
      return list.select(list.index + (event.action === "wheel-up" ? -3 : 3));
    if (event.action !== "press") return;
    const firstRow = this.#firstRow;
    const panel = Math.min(this.#panels - 1, Math.floor(event.column / this.#panelWidth));
    const index = this.#scroll.top + panel * this.#height + event.row - firstRow;
    if (event.row >= firstRow && event.row < firstRow + this.#height && index < list.rows.length) {
      list.select(index);
      if (event.clicks === 2) this.#run("watch");
    } else if (event.row === firstRow + this.#height + 1 && !this.#field) {
      const hints = hintsFor(list.selected);
      const hint = hints[hintAt(hints, this.#width, event.column) ?? -1];
      if (hint) this.#run(hint.command);
    }
  }

  #startFind(): void {
    this.#field = new TextField({ value: this.#options.list.filter, maxLength: 100 });
  }

  #endFind(filter: string): void {
    this.#field = undefined;
    this.#options.list.setFilter(filter);
  }

  #summary(): string {
    const { list, now } = this.#options;
    const here = list.all.filter(({ state }) => state !== "offline" && state !== "away").length;
    const hands = list.all.filter(({ hand }) => hand).length;
    const stuck = list.all.filter((student) => !student.hand && needOf(student, now()) !== "none").length;
    const parts = [`${here} here`, hands > 0 ? `▲ ${counted(hands, "hand")}` : "", stuck > 0 ? `! ${stuck} stuck` : ""];
    return parts.filter((part) => part !== "").join(" · ");
  }

  #nobody(): string {
    const { list } = this.#options;
    if (list.at === undefined) return "One moment …";
    if (list.filter !== "") return `Nobody matches. ${shortKey(classFindKeys.keyFor("cancel"))} shows everybody.`;
    return list.offline
      ? "There are no students yet."
      : `Nobody is in the IDE. ${classKeys.keyFor("offline")} also shows those who are not here.`;
  }

  #drawStatus(surface: Surface): void {
    const { list, notice } = this.#options;
    const told = notice();
    if (this.#field) {
      const label = "Find: name, section or state ";
      surface.put(0, 1, label, dim);
      const column = 1 + stringWidth(label);
      this.#field.draw(surface, {
        row: 0,
        column,
        width: Math.max(1, Math.min(40, surface.width - column - 1)),
        focused: true,
      });
      return;
    }
    if (told) return drawStatusLine(surface, { left: [], right: [], notice: told });
    const alike = list.alike(list.selected);
    const shared = alike > 1 ? ` · ${alike} have this error` : "";
    const count = `${list.rows.length === 0 ? 0 : list.index + 1} of ${list.rows.length}${list.filter === "" ? "" : ` · found by “${fitEnd(list.filter, 20)}”`}${shared}`;
    const facts = list.fresh ? about(list.selected) : "! the database can't be reached; this is the last known state";
    surface.put(
      0,
      1,
      fitEnd(facts, surface.width - stringWidth(count) - 4),
      list.fresh ? {} : { foreground: "warning" },
    );
    surface.put(0, surface.width - stringWidth(count) - 1, count, rule);
  }
}

/** What a narrow screen has no columns for, as text for the status line. */
function about(student: StudentStatus | undefined): string {
  if (!student) return "";
  const { username, name, section, file, error, run, hand } = student;
  const failed = error && run?.ok === false ? (error.times > 1 ? `×${error.times} ` : "") + error.text : "";
  return [name || username, section ?? "", nameOf(file ?? ""), hand?.note ?? "", failed]
    .filter((part) => part !== "")
    .join(" · ");
}
