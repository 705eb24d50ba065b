/**
 * A simulated person: logs in, types numbered lines into one file, saves, answers what is asked, loses the connection, comes back.
 * It looks at nothing but its screen, and writes down what it was promised there.
 */
import { readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { Connection, type Destination } from "./connection.ts";
import { lineText, type Entry, type Line } from "./history.ts";
import { chance, type Random } from "./random.ts";

export interface VisitorOptions extends Destination {
  /** The number in this person's lines. */
  readonly author: number;
  /** The file as its path for this person, as its tab is called, and where it is on the disk. */
  readonly file: { readonly path: string; readonly name: string; readonly disk: string };
  /** Somebody else edits the file as well: it changes hands. */
  readonly shared: boolean;
  /** Milliseconds between two actions. */
  readonly pauseMs: number;
  readonly history: Entry[];
  readonly random: Random;
}

export interface VisitorCounts {
  logins: number;
  /** Logins that did not come to an editor: the server, or a part of it, was not there. */
  refusals: number;
  typed: number;
  saves: number;
  /** Conflicts in which the file's text was taken. */
  conflicts: number;
  takeOvers: number;
  /** Actions without an answer in time, or with the connection lost. */
  broken: number;
}

export function noCounts(): VisitorCounts {
  return { logins: 0, refusals: 0, typed: 0, saves: 0, conflicts: 0, takeOvers: 0, broken: 0 };
}

type Question = "difference" | "place" | "asked" | "conflict" | "ask-for-it" | "leave";

/** What is remembered of a person's doings; so many are an hour. */
const maxSteps = 2000;

/** For an answer, or for a file that somebody is asked for. */
const patienceMs = 10_000;

const questions: readonly (readonly [Question, RegExp])[] = [
  ["difference", /Esc back/],
  ["place", /You are logged in already/],
  ["asked", /Hand it over now\?/],
  ["conflict", /The file has changed/],
  ["ask-for-it", /Ask for it\?/],
  ["leave", /Not saved yet:/],
];

/** What the lines at the bottom say to somebody who types and may not. */
const refused = /is editing \S+|has been editing this|read-only for a moment|can't change|can't save|can't be saved/;

export class Visitor implements Disposable {
  readonly #options: VisitorOptions;
  readonly counts = noCounts();
  #connection: Connection | undefined;
  /** Screens of this connection up to the one that this person works on; undefined before it is there. */
  #screens: number | undefined;
  #number = 0;
  /** On the screen in this session, and not saved as far as this person knows. */
  #pending: Line[] = [];
  /** When the file was asked for last. */
  #asked = -Infinity;
  #givesUp = false;
  /** What this person did. */
  readonly #steps: string[] = [];
  /** Why the last action failed, with the screen. */
  #trouble = "";

  constructor(options: VisitorOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.username;
  }

  get trouble(): string {
    return this.#trouble;
  }

  /** The file on the disk. */
  get file(): string {
    return this.#options.file.disk;
  }

  /** What this person did, with the time and what the screen said then; the last hour or so. */
  get story(): readonly string[] {
    return this.#steps.map((step) => `${this.name} ${step}`);
  }

  /** Works until it is over. Never rejects: what goes wrong is part of the torture. */
  async live(isOver: () => boolean): Promise<void> {
    const { random, pauseMs } = this.#options;
    while (!isOver()) {
      await this.#attempt(() => this.#act());
      await delay(pauseMs * (0.5 + random()));
    }
  }

  /** Types and saves one more line, however often it takes. False when that did not succeed in time. */
  async finish(ms: number): Promise<boolean> {
    const until = performance.now() + ms;
    const { saves } = this.counts;
    while (performance.now() < until) {
      await this.#attempt(async () => {
        await this.#arrive();
        if (await this.#typeLine()) await this.#save();
        else await this.#takeOver();
      });
      if (this.counts.saves > saves) return true;
      await delay(500);
    }
    return false;
  }

  /** Logs out with everything saved. False when that did not succeed in time. */
  async quit(ms: number): Promise<boolean> {
    const until = performance.now() + ms;
    while (performance.now() < until) {
      const left = await this.#attempt(async () => {
        await this.#arrive();
        await this.#leave();
      });
      if (left) return true;
      // Perhaps what is not saved can't be, since somebody else edits the file.
      this.#givesUp = true;
    }
    return false;
  }

  [Symbol.dispose](): void {
    this.#cut();
  }

  async #act(): Promise<void> {
    const { random, shared } = this.#options;
    await this.#arrive();
    if (chance(random, 0.02)) return this.#cut();
    if (chance(random, 0.01)) return await this.#leave();
    if (!(await this.#typeLine())) {
      // In the middle of somebody else's work one asks now and then.
      if (!shared || chance(random, 0.3)) await this.#takeOver();
    } else if (chance(random, 0.4)) await this.#save();
  }

  /** False when it failed, which ends the connection: a person who sees no answer closes the window and comes back. */
  async #attempt(action: () => Promise<void>): Promise<boolean> {
    try {
      await action();
      return true;
    } catch (error) {
      this.#trouble = error instanceof Error ? error.message : String(error);
      this.counts.broken += 1;
      this.#note(`failed: ${this.#trouble.split("\n")[0]}`);
      this.#cut();
      await delay(200 + this.#options.random() * 800);
      return false;
    }
  }

  #cut(): void {
    this.#connection?.[Symbol.dispose]();
    this.#connection = undefined;
    this.#screens = undefined;
    // Of a session that ends with its worker the last second may be lost.
    this.#pending = [];
  }

  async #arrive(): Promise<void> {
    if (this.#connection && !this.#connection.over) return;
    this.#cut();
    const { path, name } = this.#options.file;
    try {
      this.#connection = await Connection.open(this.#options);
    } catch (error) {
      this.counts.refusals += 1;
      throw error;
    }
    await this.#until((screen) => /F1 Help/.test(screen.at(-1) ?? ""), 30_000);
    const isForeign = path.startsWith("/students/");
    const shown = (screen: readonly string[]): boolean => signOf(screen, name) !== undefined;
    // An older text that came back beside a newer one has a name of its own ("welcome-2.py"), and may be all that is open.
    if (!isForeign) await this.#until((screen) => shown(screen) || / \S+-\d+\.py /.test(screen[1] ?? ""));
    // Teachers have no file of their own, so that nothing they type can go there while this one is being opened.
    if (isForeign || !shown(this.#here.screen())) {
      this.#here.press("Ctrl-O");
      await this.#until("Open a file");
      this.#here.type(`${path}\r`);
    }
    await this.#until(shown);
    this.#screens = this.#here.screens;
    this.#note("arrived");
    this.counts.logins += 1;
  }

  get #here(): Connection {
    if (!this.#connection) throw new Error("not connected");
    return this.#connection;
  }

  /** True when the line stands on the screen, in a file that is not saved. */
  async #typeLine(): Promise<boolean> {
    const { author, file } = this.#options;
    if (signOf(this.#here.screen(), file.name) === "read") return false;
    const asked = this.#asked;
    const { conflicts } = this.counts;
    const line = { author, number: (this.#number += 1) };
    const text = lineText(line);
    // A question that comes up at this moment may take the Enter for its answer.
    this.#here.press("F3", "Ctrl-End", "Enter", "Ctrl-End");
    this.#here.type(text);
    const shown = (screen: readonly string[]): boolean =>
      screen.some((row) => isInEditor(row, text)) && isDirty(signOf(screen, file.name));
    await this.#until(
      (screen) => shown(screen) || this.#asked > asked || this.counts.conflicts > conflicts || isRefused(screen),
    );
    // A question from before may have been answered meanwhile, and the line is gone with what was given up.
    const isShown = shown(this.#here.screen()) && this.counts.conflicts === conflicts;
    this.#note(`${isShown ? "typed" : "could not type"} ${text}`);
    if (!isShown) return false;
    this.#pending.push(line);
    this.counts.typed += 1;
    return true;
  }

  async #save(): Promise<void> {
    const { file, history, username } = this.#options;
    const { conflicts } = this.counts;
    const acknowledged = (screen: readonly string[]): boolean =>
      screen.some((row) => row.includes(`Saved ${file.name}.`));
    // The last save's answer must not be taken for this one's.
    await this.#until((screen) => !acknowledged(screen));
    const promised = [...this.#pending];
    this.#here.press("Ctrl-S");
    const done = (screen: readonly string[]): boolean => acknowledged(screen) && !isDirty(signOf(screen, file.name));
    await this.#until((screen) => done(screen) || this.counts.conflicts > conflicts || isRefused(screen));
    if (!done(this.#here.screen()) || this.counts.conflicts > conflicts) return;
    this.#pending = [];
    history.push({ kind: "saved", file: file.disk, at: performance.now(), by: username, lines: promised });
    this.counts.saves += 1;
    const from = performance.now();
    const text = await readFile(file.disk, "utf8");
    history.push({ kind: "read", file: file.disk, from, until: performance.now(), text });
    this.#note(promised.every((line) => text.includes(lineText(line))) ? "saved" : "saved, and it is not on the disk");
  }

  async #takeOver(): Promise<void> {
    const { name } = this.#options.file;
    // The question may have come up while typing.
    if (performance.now() - this.#asked > patienceMs) this.#here.press("F3", "Enter");
    await this.#until((screen) => signOf(screen, name) === "" || screen.join(" ").includes(`You can edit ${name} now`));
    this.#note("took over");
    this.counts.takeOvers += 1;
  }

  async #leave(): Promise<void> {
    const connection = this.#here;
    connection.press("Ctrl-Q");
    await Promise.race([connection.ended, this.#until(() => connection.over, 20_000)]);
    this.#cut();
  }

  /** Waits for the screen, and answers questions that come up meanwhile. */
  async #until(condition: string | ((screen: readonly string[]) => boolean), ms = patienceMs): Promise<void> {
    const deadline = performance.now() + ms;
    const isMet = (screen: readonly string[]): boolean =>
      typeof condition === "string" ? screen.some((row) => row.includes(condition)) : condition(screen);
    const connection = this.#here;
    for (;;) {
      await connection.wait(
        (screen) => questionOn(screen) !== undefined || isMet(screen),
        deadline - performance.now(),
      );
      // Its worker was killed, and ours took us to a new one: what was not saved may be a second older.
      if (connection.screens !== (this.#screens ?? connection.screens)) throw new Error("taken to another session");
      const question = questionOn(connection.screen());
      if (!question) return;
      this.#note(`answers ${question}`);
      this.#answer(question);
      await connection.wait((screen) => questionOn(screen) !== question, Math.max(1000, deadline - performance.now()));
      if (question === "conflict")
        await connection.wait((screen) => !isDirty(signOf(screen, this.#options.file.name)), patienceMs);
    }
  }

  #note(step: string): void {
    const screen = this.#connection?.screen() ?? [];
    this.#steps.push(
      `${Math.round(performance.now())} ${step} | ${screen[1]?.trim() ?? ""} | ${screen.slice(-4, -1).join(" ").replaceAll(/\s+/g, " ").slice(-120)}`,
    );
    if (this.#steps.length > maxSteps) this.#steps.shift();
  }

  #answer(question: Question): void {
    switch (question) {
      case "difference":
        return this.#here.press("Escape");
      case "place":
        return this.#here.type("c");
      case "asked":
        // Or not: then it is taken after a while.
        if (chance(this.#options.random, 0.5)) this.#here.type("h");
        return;
      case "conflict":
        this.counts.conflicts += 1;
        this.#pending = [];
        return this.#here.type("t");
      case "ask-for-it":
        this.#asked = performance.now();
        return this.#here.type("a");
      case "leave":
        return this.#here.type(this.#givesUp ? "d" : "s");
      default:
        question satisfies never;
    }
  }
}

function isRefused(screen: readonly string[]): boolean {
  return refused.test(screen.slice(-5).join(" "));
}

function questionOn(screen: readonly string[]): Question | undefined {
  // Texts in boxes are wrapped.
  const text = screen
    .map((row) => row.replaceAll(/[│╭╮╰╯]/g, " ").trim())
    .join(" ")
    .replaceAll(/\s+/g, " ");
  return questions.find(([, sign]) => sign.test(text))?.[0];
}

/** The sign beside a file's tab: "●", "!", "read" or ""; undefined without such a tab. */
function signOf(screen: readonly string[], name: string): string | undefined {
  const tab = ` ${screen[1] ?? ""} `.split(` ${name} `)[1];
  return tab === undefined ? undefined : (/^(●|!|read)/.exec(tab)?.[1] ?? "");
}

/** After a line's number: not in a field of a dialog, where a question that came up in between may have sent it. */
function isInEditor(row: string, text: string): boolean {
  return new RegExp(`\\d {2}\\S*${text.replaceAll(".", "\\.")}`).test(row);
}

function isDirty(sign: string | undefined): boolean {
  return sign === "●" || sign === "!";
}
