/**
 * The screens of one terminal: the person's own session, the class view, somebody else's session. Leaving a screen
 * leads back to the one before; leaving the first closes the terminal. A terminal that drops ends them all. While a
 * person is on another screen the own session counts as attended, and what ends it there (a kick, "continue here" in
 * another terminal) also ends the stack.
 */
import { explain, sentence } from "../base/error-report.ts";
import type { Log } from "../base/log.ts";
import { Scope } from "../base/scope.ts";
import { terminalLines } from "../base/wrap.ts";
import type { Destination } from "../commands/destination.ts";
import type { ClassScreen } from "./class-screen.ts";
import type { ReportScreens } from "./report-screens.ts";
import type { OwnSession, Stay } from "./own-session.ts";
import type { Departure, TerminalUser } from "./departure.ts";
import { ClassList } from "../tui/class/class-list.ts";
import type { Spectating } from "./spectating.ts";

/** Who is at the terminal, and what can be shown there. */
export interface ScreenStackOptions {
  readonly user: TerminalUser;
  /** Undefined for a command: then the first destination is the bottom. */
  readonly own: Pick<OwnSession, "receive" | "comeBack"> | undefined;
  readonly spectating: Pick<Spectating, "watch">;
  readonly classScreen: Pick<ClassScreen, "show">;
  readonly reportScreens: Pick<ReportScreens, "show">;
  readonly log: Log;
}

/** The stack of one terminal. */
export class ScreenStack {
  readonly #options: ScreenStackOptions;
  readonly #screens: Destination[];
  readonly #dismissal = new AbortController();
  #showing: Promise<void> | undefined;
  #stay: Stay | undefined;
  /** The selection in the class view, for coming back to it. */
  readonly #list = new ClassList();
  /** The notice that the next screen shows first. */
  #notice: string | undefined;

  constructor(options: ScreenStackOptions, first?: Destination) {
    this.#options = options;
    this.#screens = first ? [first] : [];
  }

  /** Ends a screen other than the own session, which says goodbye itself. Resolves when the screen is left. */
  async dismiss(reason: string): Promise<void> {
    this.#dismissal.abort(reason);
    await this.#showing?.catch(() => undefined); // whoever runs the stack tells
  }

  /**
   * Runs the stack. Resolves when the terminal is closed. Rejects with what the person should be told on a terminal
   * that is still open.
   */
  async run(): Promise<void> {
    const { terminal } = this.#options.user;
    try {
      while (!terminal.closed) await this.#next();
    } finally {
      this.#stay?.[Symbol.dispose]();
    }
  }

  async #next(): Promise<void> {
    const { user, own } = this.#options;
    const screen = this.#screens.at(-1);
    if (screen) {
      this.#showing = this.#showScreen(screen);
      await this.#showing;
      this.#showing = undefined;
    } else if (own) await this.#ownSession(own);
    else user.terminal.close(0);
  }

  async #ownSession(own: NonNullable<ScreenStackOptions["own"]>): Promise<void> {
    const { user } = this.#options;
    const stay = this.#stay;
    this.#stay = undefined;
    const end = stay
      ? await own.comeBack({ ...user, ending: this.#dismissal.signal }, stay, this.#takeNotice())
      : await own.receive({ ...user, ending: this.#dismissal.signal });
    if (end.kind === "over") return user.terminal.close(0);
    this.#stay = end.stay;
    this.#screens.push(end.to);
  }

  /** Shows a screen, and notes where to go from there. Only the bottom one lets its errors out. */
  async #showScreen(screen: Destination): Promise<void> {
    const { terminal } = this.#options.user;
    await using scope = new Scope(`screen of ${screen.kind}`);
    const leaving = this.#leaving(scope);
    let end: Departure;
    try {
      end = await this.#show(screen, leaving);
    } catch (error) {
      if (this.#screens.length === 1 && !this.#options.own) throw error;
      end = { kind: "back", notice: sentence(explain(error, this.#options.log, { screen: screen.kind })) };
    }
    if (leaving.aborted) {
      if (typeof leaving.reason === "string" && leaving.reason !== "")
        terminal.write(terminalLines(leaving.reason, terminal.size.columns));
      return terminal.close(0);
    }
    if (end.kind === "quit") return terminal.close(0);
    if (end.kind === "go") return void this.#screens.push(end.to);
    this.#screens.pop();
    this.#notice = end.notice;
  }

  async #show(screen: Destination, leaving: AbortSignal): Promise<Departure> {
    const { user, spectating } = this.#options;
    switch (screen.kind) {
      case "watch":
        return await spectating.watch({ user, username: screen.username, mode: screen.mode ?? "watch", leaving });
      case "class":
        return await this.#options.classScreen.show({ user, list: this.#list, notice: this.#takeNotice(), leaving });
      case "usage":
      case "server-status":
        return await this.#options.reportScreens.show(screen.kind, { user, notice: this.#takeNotice(), leaving });
      default:
        return screen satisfies never;
    }
  }

  /**
   * Aborted with a sentence when the person has to leave: because of another node, the end of the own session or of the
   * server.
   */
  #leaving(scope: Scope): AbortSignal {
    const leaving = new AbortController();
    const leave = (reason: string): void => leaving.abort(reason);
    const { user } = this.#options;
    const dismissed = (): void => leave(String(this.#dismissal.signal.reason));
    this.#dismissal.signal.addEventListener("abort", dismissed);
    scope.defer(() => this.#dismissal.signal.removeEventListener("abort", dismissed));
    if (this.#dismissal.signal.aborted) dismissed();
    const listener = user.onDismiss?.(leave);
    if (listener) scope.own(listener);
    if (this.#stay) {
      const { attachment: visit, workbench } = this.#stay;
      scope.own(visit.onLeave(leave));
      scope.own(workbench.onEnd(leave));
      scope.own(user.terminal.onInput(() => visit.touch()));
    }
    return leaving.signal;
  }

  #takeNotice(): string | undefined {
    const notice = this.#notice;
    this.#notice = undefined;
    return notice;
  }
}
