/** A report as a screen of its own on a terminal. */
import type { Account } from "../../auth/account.ts";
import type { Clock } from "../../base/clock.ts";
import { explain, logBug, sentence } from "../../base/error-report.ts";
import type { Log } from "../../base/log.ts";
import { Scope } from "../../base/scope.ts";
import type { Terminal } from "../../base/terminal.ts";
import { keyEntries } from "../../commands/keys/key-entries.ts";
import { listKeys } from "../../commands/keys/list-keys.ts";
import { openScreen, type Screen } from "../../terminal/screen.ts";
import { Dialogs } from "../parts/dialogs.ts";
import { Notices } from "../parts/notices.ts";
import { clockText } from "../parts/times.ts";
import { HelpScreen } from "../views/help-screen.ts";
import type { ReportPage } from "./report-page.ts";
import { ReportLayer } from "./report-layer.ts";

/** What a report needs beside the terminal. */
export interface ShowReportOptions {
  readonly report: ReportPage;
  readonly course: string;
  readonly user: string;
  /** The person's account, read anew where that is possible. Throws for one that may not see the report. */
  readonly fresh: () => Promise<Account>;
  /** A notice to show first. */
  readonly notice?: string | undefined;
  /** Aborted when the person has to leave. */
  readonly leaving?: AbortSignal | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

/** How a report was left. */
export type ReportEnd = { readonly kind: "back" } | { readonly kind: "quit" };

/**
 * Shows the report until the person leaves, or the terminal closes ("quit"). The terminal is restored and left open.
 * Rejects with what `fresh` throws, also when that changes later, and with `no-terminal`.
 */
export async function showReport(terminal: Terminal, options: ShowReportOptions): Promise<ReportEnd> {
  await using scope = new Scope(options.report.title);
  await options.fresh();
  return await new Promise<ReportEnd>((resolve, reject) => {
    new ReportScreen(scope, terminal, options, { end: resolve, fail: reject }).start();
  });
}

/** What ends the screen. */
interface Exits {
  readonly end: (end: ReportEnd) => void;
  readonly fail: (error: unknown) => void;
}

class ReportScreen {
  readonly #scope: Scope;
  readonly #terminal: Terminal;
  readonly #options: ShowReportOptions;
  readonly #exits: Exits;
  readonly #screen: Screen;
  readonly #layer: ReportLayer;
  readonly #notices: Notices;
  readonly #dialogs: Dialogs;
  #reading: Promise<void> | undefined;
  /** Whether something else was asked for during a reading. */
  #again = false;
  #readAt = "";

  constructor(scope: Scope, terminal: Terminal, options: ShowReportOptions, exits: Exits) {
    const { clock, log, report, course, user } = options;
    this.#scope = scope;
    this.#terminal = terminal;
    this.#options = options;
    this.#exits = exits;
    this.#screen = scope.own(openScreen(terminal, { clock, onError: (error) => logBug(error, log) }));
    this.#notices = scope.own(new Notices(clock, () => this.#screen.invalidate(this.#layer)));
    this.#dialogs = scope.own(new Dialogs(this.#screen, () => this.#screen.invalidate()));
    this.#layer = new ReportLayer({
      report,
      course,
      user,
      clock: () => clockText(clock),
      notice: () => this.#notices.current,
      fact: () => (this.#readAt === "" ? "One moment …" : `as of ${this.#readAt}`),
      command: (command) => this.#command(command),
    });
  }

  start(): void {
    const { clock, user, report, leaving, notice } = this.#options;
    this.#scope.own(this.#screen.push(this.#layer));
    this.#screen.focus(this.#layer);
    this.#screen.setTitle(`${user}@classh: ${report.title}`);
    this.#scope.own(this.#terminal.onClose(() => this.#end({ kind: "quit" })));
    const left = (): void => this.#end({ kind: "quit" });
    leaving?.addEventListener("abort", left, { once: true });
    this.#scope.defer(() => leaving?.removeEventListener("abort", left));
    this.#scope.own(clock.every(report.everyMs, () => this.#read()));
    if (notice !== undefined) this.#notices.show({ kind: "info", text: notice });
    if (this.#terminal.closed || leaving?.aborted === true) return this.#end({ kind: "quit" });
    this.#read();
  }

  #command(command: string | undefined): void {
    this.#notices.keyPressed();
    switch (command) {
      case undefined:
        return;
      case "help":
        return this.#help();
      case "back":
      case "escape":
        return this.#end({ kind: "back" });
      case "log-out":
        return this.#end({ kind: "quit" });
      default:
        if (this.#options.report.run(command)) this.#read();
        this.#screen.invalidate(this.#layer);
    }
  }

  /** Reads the figures, and once more when something else was asked for meanwhile. */
  #read(): void {
    if (this.#reading) {
      this.#again = true;
      return;
    }
    this.#reading = this.#readOnce().finally(() => {
      this.#reading = undefined;
      if (!this.#again || this.#scope.closed) return;
      this.#again = false;
      this.#read();
    });
  }

  async #readOnce(): Promise<void> {
    const { fresh, report, clock, log } = this.#options;
    try {
      const account = await this.#account(fresh);
      if (!account || this.#scope.closed) return;
      await report.read(account);
      this.#readAt = clockText(clock);
    } catch (error) {
      if (this.#scope.closed) return;
      this.#notices.show({ kind: "warning", text: sentence(explain(error, log)) });
    }
    if (!this.#scope.closed) this.#screen.invalidate(this.#layer);
  }

  /** The account; undefined when it may not see this any more: then the screen ends. */
  async #account(fresh: () => Promise<Account>): Promise<Account | undefined> {
    try {
      return await fresh();
    } catch (error) {
      if (this.#scope.closed) return undefined;
      this.#screen.leave();
      this.#exits.fail(error);
      return undefined;
    }
  }

  #help(): void {
    const { keys } = this.#options.report;
    const sections = [
      { title: "Keys", entries: keyEntries(keys.bindings) },
      { title: "In the list", entries: keyEntries(listKeys.bindings) },
    ];
    void this.#dialogs.show<void>(undefined, (close) => new HelpScreen({ sections, onClose: () => close() }));
  }

  #end(end: ReportEnd): void {
    this.#screen.leave();
    this.#exits.end(end);
  }
}
