/**
 * The consoles of a session: each file that is run has its own, and there may be some without a file. One of them is
 * shown, on all of the session's screens. There are so many at most; for another the one that was looked at least
 * recently, and in which nothing runs, is ended.
 */
import { counted } from "../base/counted.ts";
import { logBug } from "../base/error-report.ts";
import { UserError } from "../base/errors.ts";
import { Emitter } from "../base/events.ts";
import type { TerminalSize } from "../base/terminal.ts";
import type { RunEnd } from "../runner/console-state.ts";
import type { SparePython } from "../runner/spare-python.ts";
import { shownFileName } from "../workspace/paths.ts";
import { Console, type ConsoleOptions } from "./console.ts";
import { studentOf } from "./student-sandboxes.ts";
import type { Notice } from "./workbench-options.ts";

/** What consoles are made from. */
export interface ConsolesOptions extends Omit<ConsoleOptions, "spare" | "size"> {
  /** Most consoles at a time. */
  readonly limit: number;
  readonly notify: (kind: Notice["kind"], text: string) => void;
}

/** The end of a program, and where it ran. */
export interface FinishedRun {
  readonly console: Console;
  readonly end: RunEnd;
}

/** A console's size before any screen has one. */
const firstSize: TerminalSize = { columns: 80, rows: 10 };

/** All consoles of one session. There is always one at least. */
export class Consoles implements AsyncDisposable {
  readonly #options: ConsolesOptions;
  readonly #spare: SparePython;
  readonly #shows = new Emitter<Console>();
  readonly #added = new Emitter<Console>();
  readonly #finished = new Emitter<FinishedRun>();
  /** The size that fits each client. */
  readonly #rooms = new Map<object, TerminalSize>();
  readonly #ending = new Set<Promise<void>>();
  #size = firstSize;
  #list: readonly Console[] = [];
  /** The same, as they were looked at: the one that is shown last. */
  #recent: readonly Console[] = [];
  #shown: Console;
  #closed = false;

  constructor(options: ConsolesOptions) {
    this.#options = options;
    this.#spare = options.runner.spare();
    this.#shown = this.#add();
  }

  /** The one that is shown. */
  get shown(): Console {
    return this.#shown;
  }

  /** All of them, in the order in which they were opened. */
  get list(): readonly Console[] {
    return this.#list;
  }

  /** Fires when another one is shown, and when there are more or fewer. */
  get onShow() {
    return this.#shows.on;
  }

  /** Fires when a program has ended, in any of them. */
  get onFinished() {
    return this.#finished.on;
  }

  /** Whether a Python was started ahead. */
  get hasSpare(): boolean {
    return this.#spare.isReady;
  }

  /** Whether something runs in any of them. */
  get isRunning(): boolean {
    return this.#list.some(({ activity }) => activity === "running");
  }

  /** Follows each console, also those to come, for as long as it is there. */
  follow(listen: (console: Console) => Disposable): Disposable {
    for (const console of this.#list) console.whileOpen(listen(console));
    return this.#added.on((console) => console.whileOpen(listen(console)));
  }

  /** Follows the console that is shown. */
  followShown(listen: (console: Console) => Disposable): Disposable {
    let shown = this.#shown;
    let following = listen(shown);
    const shows = this.onShow((console) => {
      if (console === shown) return;
      following[Symbol.dispose]();
      shown = console;
      following = listen(console);
    });
    return {
      [Symbol.dispose]: () => {
        shows[Symbol.dispose]();
        following[Symbol.dispose]();
      },
    };
  }

  /**
   * Shows the console of a file, a new one where it has none, and has `run` run it there. Throws a UserError when programs run in as many as
   * there may be, and what `run` throws.
   */
  enter(path: string, run: (console: Console) => void): void {
    const before = this.#shown;
    const known = this.#consoleFor(path);
    const console = known ?? this.#open();
    this.show(console);
    try {
      run(console);
    } catch (error) {
      if (!known && this.#list.includes(before)) {
        this.show(before);
        this.#remove(console);
      }
      throw error;
    }
  }

  /** Opens a console without a file, and shows it. Throws a UserError when programs run in as many as there may be. */
  openNew(): void {
    const console = this.#open();
    this.show(console);
    console.start();
  }

  /** Shows a console. */
  show(console: Console): void {
    if (console === this.#shown || !this.#list.includes(console)) return;
    this.#shown.text.setAside(true);
    this.#shown = console;
    console.text.setAside(false);
    console.resize(this.#size);
    this.#recent = [...this.#recent.filter((each) => each !== console), console];
    this.#shows.emit(console);
  }

  /** Shows the next (1) or previous (-1) console. */
  step(direction: 1 | -1): void {
    const next = this.#list[(this.#list.indexOf(this.#shown) + direction + this.#list.length) % this.#list.length];
    if (next) this.show(next);
  }

  /** Ends a console with what runs in it. In the place of the last one a fresh one is opened. */
  close(console: Console): void {
    if (!this.#list.includes(console)) return;
    if (this.#list.length === 1) this.#add();
    if (console === this.#shown) {
      const next = this.#recent.findLast((each) => each !== console) ?? this.#list.find((each) => each !== console);
      if (!next) return;
      this.show(next);
      next.start();
    }
    this.#remove(console);
    this.#shows.emit(this.#shown);
  }

  /**
   * Sets the size that fits a client; undefined when the client has left. The smallest size is used, so that nobody's
   * lines are cut.
   */
  fit(client: object, size: TerminalSize | undefined): void {
    if (size) this.#rooms.set(client, size);
    else this.#rooms.delete(client);
    const rooms = [...this.#rooms.values()];
    if (rooms.length === 0) return;
    this.#size = {
      columns: Math.min(...rooms.map(({ columns }) => columns)),
      rows: Math.min(...rooms.map(({ rows }) => rows)),
    };
    // The others when they are shown.
    this.#shown.resize(this.#size);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    for (const console of this.#list) this.#end(console);
    await Promise.all(this.#ending);
    await this.#spare[Symbol.asyncDispose]();
  }

  /** The console in which a file runs: its own, or one that nobody has used yet. */
  #consoleFor(path: string): Console | undefined {
    const key = keyOf(path);
    const own = this.#list.find(({ program }) => program !== "" && keyOf(program) === key);
    if (own) return own;
    return this.#shown.isUnused || this.#options.limit === 1 ? this.#shown : undefined;
  }

  /** Makes a console, and room for it. */
  #open(): Console {
    const { limit, notify } = this.#options;
    if (this.#list.length < limit) return this.#add();
    const idle = this.#recent.find(({ activity }) => activity !== "running" && activity !== "starting");
    if (!idle) {
      throw new UserError(
        "too-many-runs",
        `programs run in all of your ${counted(limit, "console")}`,
        "Stop one of them, or close its console, then try again.",
      );
    }
    const console = this.#add();
    this.show(console);
    this.#remove(idle);
    notify("info", `The ${consoleName(idle)} was closed: there are ${limit} at most.`);
    return console;
  }

  #add(): Console {
    const console = new Console({ ...this.#options, spare: this.#spare, size: this.#size });
    console.whileOpen(console.onFinished((end) => this.#finished.emit({ console, end })));
    this.#list = [...this.#list, console];
    this.#recent = [console, ...this.#recent];
    this.#added.emit(console);
    return console;
  }

  #remove(console: Console): void {
    this.#list = this.#list.filter((each) => each !== console);
    this.#recent = this.#recent.filter((each) => each !== console);
    this.#end(console);
  }

  /** Nobody waits for that but the end of the session. */
  #end(console: Console): void {
    const ended = console[Symbol.asyncDispose]()
      .catch((error: unknown) => {
        if (this.#closed) throw error;
        logBug(error, this.#options.log);
      })
      .finally(() => this.#ending.delete(ended));
    this.#ending.add(ended);
  }
}

/** What a console is called in a sentence. */
export function consoleName({ program }: Pick<Console, "program">): string {
  return program === "" ? "console without a file" : `console of ${shownFileName(program)}`;
}

/** Equal for programs that share a console: students' programs do, because each needs a copy of a home. */
function keyOf(program: string): string {
  return studentOf(program) === undefined ? program : "/students";
}
