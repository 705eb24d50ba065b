/** The class view, for teachers: a screen of its own on a terminal. */
import { classKeys } from "../../commands/keys/class-keys.ts";
import type { Account } from "../../auth/account.ts";
import { may } from "../../auth/roles.ts";
import type { Seat } from "../../classroom/seat.ts";
import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import { logBug, sentence } from "../../base/error-report.ts";
import { UserError } from "../../base/errors.ts";
import { replaceUnseen } from "../../base/invisible.ts";
import { Scope } from "../../base/scope.ts";
import type { Terminal } from "../../base/terminal.ts";
import { Dialogs } from "../parts/dialogs.ts";
import { ActionRunner } from "../parts/action-runner.ts";
import { MessageBar } from "../parts/message-bar.ts";
import { Notices } from "../parts/notices.ts";
import { clockText } from "../parts/times.ts";
import { openScreen, type Screen } from "../../terminal/screen.ts";
import { HelpScreen } from "../views/help-screen.ts";
import { askBroadcast, askMessage } from "../inbox/ask.ts";
import { classHelp } from "./class-help.ts";
import { ClassList } from "./class-list.ts";
import { ClassLayer, type ClassLayerCommand } from "./class-layer.ts";
import { barText, readInbox, unreadFact } from "../inbox/read-inbox.ts";

/** What a class view needs beside the terminal. */
export interface ShowClassOptions {
  /** The teacher's seat in the class; the caller disposes it. */
  readonly seat: Seat;
  readonly course: string;
  /** The selection and the filter. Passing the same list again brings them back; by default a new one. */
  readonly list?: ClassList | undefined;
  /** A notice to show first. */
  readonly notice?: string | undefined;
  /** What is wrong with the server and this person should know: a sentence; undefined when there is nothing. */
  readonly attention?: ((account: Account) => Promise<string | undefined>) | undefined;
  /** Aborted when the teacher has to leave. */
  readonly leaving?: AbortSignal | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

/** How a class view ended: the teacher wants to watch a student, see a report, go back, or log out. */
export type ClassEnd =
  | { readonly kind: "watch"; readonly username: string }
  | { readonly kind: "report"; readonly report: "usage" | "server-status" }
  | { readonly kind: "back" }
  | { readonly kind: "quit" };

/** Milliseconds between checks that the person is still a teacher. */
const checkMs = 5000;

/** The last of these keys also works while the person types a name to find. */
const inboxHint = `${classKeys.binding("inbox").keys.at(-1)} opens`;

/**
 * Shows the class until the teacher leaves, goes to a student, or the terminal closes ("quit"). The terminal is
 * restored and left open. Rejects with UserError `no-terminal` for a terminal that can't show a screen, and with
 * `not-permitted` or `account-disabled` when the person is not a teacher, or no longer one.
 */
export async function showClass(terminal: Terminal, options: ShowClassOptions): Promise<ClassEnd> {
  await using scope = new Scope("class view");
  const account = await options.seat.fresh("class.read");
  return await new Promise<ClassEnd>((resolve, reject) => {
    const view = new ClassView(scope, terminal, { ...options, account }, { end: resolve, fail: reject });
    view.start();
  });
}

interface ClassViewOptions extends ShowClassOptions {
  /** The teacher's account, read anew. */
  readonly account: Account;
}

/** What ends the class view. */
interface Exits {
  readonly end: (end: ClassEnd) => void;
  readonly fail: (error: unknown) => void;
}

class ClassView {
  readonly #scope: Scope;
  readonly #terminal: Terminal;
  readonly #options: ShowClassOptions;
  readonly #exits: Exits;
  readonly #screen: Screen;
  readonly #layer: ClassLayer;
  readonly #list: ClassList;
  readonly #notices: Notices;
  readonly #bar: MessageBar;
  readonly #dialogs: Dialogs;
  readonly #actionRunner: ActionRunner;
  #account: Account;
  #attention: string | undefined;
  #subscription: { offline: boolean } | undefined;

  readonly #commands: Readonly<Record<ClassLayerCommand, () => void>> = {
    watch: () => this.#watch(),
    next: () => this.#step(1),
    previous: () => this.#step(-1),
    claim: () => this.#claim(),
    answered: () => this.#close(),
    message: () => this.#actionRunner.run("message", () => this.#message()),
    broadcast: () => this.#broadcast(),
    inbox: () => this.#inbox(),
    group: () => this.#toggleGroups(),
    offline: () => this.#toggleOffline(),
    usage: () => this.#end({ kind: "report", report: "usage" }),
    "server-status": () => this.#serverStatus(),
    help: () => this.#help(),
    escape: () => this.#escape(),
    back: () => this.#end({ kind: "back" }),
    "log-out": () => this.#end({ kind: "quit" }),
  };

  constructor(scope: Scope, terminal: Terminal, options: ClassViewOptions, exits: Exits) {
    const { clock, log, seat, course } = options;
    this.#scope = scope;
    this.#terminal = terminal;
    this.#account = options.account;
    this.#options = options;
    this.#exits = exits;
    this.#list = options.list ?? new ClassList();
    this.#screen = scope.own(openScreen(terminal, { clock, onError: (error) => logBug(error, log) }));
    this.#notices = scope.own(new Notices(clock, () => this.#screen.invalidate(this.#layer)));
    this.#dialogs = scope.own(new Dialogs(this.#screen, () => this.#screen.invalidate()));
    this.#bar = scope.own(
      new MessageBar({
        clock,
        hint: inboxHint,
        unread: () => seat.unread,
        redraw: () => this.#screen.invalidate(),
        open: () => this.#inbox(),
      }),
    );
    this.#actionRunner = new ActionRunner({
      clock,
      log,
      show: (notice) => this.#notices.show(notice),
      setProgress: (text) => this.#notices.setProgress(text),
    });
    this.#layer = new ClassLayer({
      list: this.#list,
      course,
      user: seat.username,
      facts: () => unreadFact(seat.unread),
      clock: () => clockText(clock),
      now: () => clock.now(),
      notice: () => (this.#dialogs.isOpen ? this.#notices.withoutProgress : this.#notices.current),
      attention: () => this.#attention,
      command: (command) => this.#command(command),
    });
  }

  start(): void {
    const { clock, seat, leaving, notice } = this.#options;
    this.#scope.own(this.#screen.push(this.#layer));
    this.#scope.own(this.#screen.push(this.#bar));
    this.#screen.focus(this.#layer);
    this.#screen.setTitle(`${seat.username}@classh: class`);
    this.#scope.own(this.#terminal.onClose(() => this.#end({ kind: "quit" })));
    const left = (): void => this.#end({ kind: "quit" });
    leaving?.addEventListener("abort", left, { once: true });
    this.#scope.defer(() => leaving?.removeEventListener("abort", left));
    const subscription = this.#scope.own(
      seat.liveClass.subscribe((state) => {
        this.#list.update(state, this.#account);
        this.#screen.invalidate(this.#layer);
      }),
    );
    this.#subscription = subscription;
    subscription.offline = this.#list.offline;
    this.#scope.own(clock.every(checkMs, () => void this.#check()));
    void this.#look();
    this.#scope.own(seat.onMessage((message) => this.#bar.show(barText(message))));
    this.#scope.own(seat.onChange(() => this.#screen.invalidate(this.#layer)));
    if (notice !== undefined) this.#notices.show({ kind: "info", text: notice });
    if (this.#terminal.closed || leaving?.aborted === true) this.#end({ kind: "quit" });
  }

  #command(command: ClassLayerCommand | undefined): void {
    this.#notices.keyPressed();
    if (command) this.#commands[command]();
  }

  #step(direction: 1 | -1): void {
    if (!this.#list.step(direction, this.#options.clock.now()))
      this.#notices.show({ kind: "info", text: "Nobody needs help right now." });
  }

  #escape(): void {
    if (this.#bar.shown) this.#bar.hide();
    else this.#end({ kind: "back" });
  }

  #broadcast(): void {
    this.#actionRunner.run("broadcast", async () => this.#tell(await askBroadcast(this.#dialogs, this.#options.seat)));
  }

  #watch(): void {
    const selected = this.#list.choose();
    if (!selected) return;
    if (selected.state === "offline")
      this.#notices.show({
        kind: "warning",
        text: `${selected.username} is not logged in. m writes a message for later.`,
      });
    else this.#end({ kind: "watch", username: selected.username });
  }

  #claim(): void {
    const selected = this.#list.choose();
    if (!selected) return;
    this.#actionRunner.run("claim", async () => {
      await this.#options.seat.claim(selected.username);
      this.#tell(`${selected.username} sees that you are coming. Enter watches; x when you are done.`);
    });
  }

  #close(): void {
    const selected = this.#list.choose();
    if (!selected) return;
    this.#actionRunner.run("close", async () => {
      await this.#options.seat.closeHand(selected.username);
      this.#tell(`The hand of ${selected.username} is down.`);
    });
  }

  async #message(): Promise<void> {
    const selected = this.#list.choose();
    if (selected) this.#tell(await askMessage(this.#dialogs, this.#options.seat, selected.username));
  }

  #inbox(): void {
    this.#actionRunner.run("inbox", async () => {
      this.#bar.hide();
      this.#tell(await readInbox(this.#dialogs, this.#options.seat, this.#options.clock.now()));
    });
  }

  #toggleGroups(): void {
    this.#list.toggleGroups();
    this.#notices.show({
      kind: "info",
      text: this.#list.grouped
        ? "Students with the same error are together; g again sorts by need."
        : "Sorted by need.",
    });
  }

  #toggleOffline(): void {
    const { seat } = this.#options;
    this.#list.offline = !this.#list.offline;
    if (this.#subscription) this.#subscription.offline = this.#list.offline;
    seat.liveClass.refresh();
  }

  #serverStatus(): void {
    if (may(this.#account.role, "doctor")) return this.#end({ kind: "report", report: "server-status" });
    this.#notices.show({ kind: "info", text: "The state of the server is for admins." });
  }

  #help(): void {
    void this.#dialogs.show<void>(
      undefined,
      (close) => new HelpScreen({ sections: classHelp, onClose: () => close() }),
    );
  }

  #tell(text: string | undefined): void {
    if (text !== undefined) this.#notices.show({ kind: "success", text });
  }

  /** Reads the account again: changed sections apply at once, and a teacher who has lost the role has to leave. */
  async #check(): Promise<void> {
    try {
      this.#account = await this.#options.seat.fresh("class.read");
      await this.#look();
    } catch (error) {
      if (error instanceof UserError && error.code === "database-unavailable") return;
      this.#screen.leave();
      this.#exits.fail(error);
    }
  }

  /** Looks for what is wrong with the server. Never rejects. */
  async #look(): Promise<void> {
    const { attention, log } = this.#options;
    try {
      const found = await attention?.(this.#account);
      this.#attention =
        found === undefined ? undefined : sentence({ message: replaceUnseen(found, " "), hint: undefined });
      if (!this.#scope.closed) this.#screen.invalidate(this.#layer);
    } catch (error) {
      logBug(error, log);
    }
  }

  #end(end: ClassEnd): void {
    this.#screen.leave();
    this.#exits.end(end);
  }
}
