/** The question where to continue, for a person who has a session open in another terminal. */
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import { logBug } from "../base/error-report.ts";
import { Scope } from "../base/scope.ts";
import type { Terminal } from "../base/terminal.ts";
import { Dialogs } from "./parts/dialogs.ts";
import { openScreen } from "../terminal/screen.ts";

/**
 * "here": the session moves to this terminal, and the other one ends. "both": this terminal is a second window of the
 * session.
 */
export type SessionChoice = "here" | "both" | "cancel";

/** What the question says, and when it ends. */
export interface ChooseSessionOptions {
  /** The address from which the session is open. */
  readonly elsewhere: string;
  /** For how long it has been open, in words: "4 minutes". */
  readonly since: string;
  /** Aborted with a sentence for the person when the question can no longer be answered, because the server ends. */
  readonly leaving: AbortSignal;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Asks, and resolves with the answer; with "cancel" also when the terminal closes. Rejects with UserError `no-terminal`
 * for a terminal that can't show a screen.
 */
export async function chooseSession(terminal: Terminal, options: ChooseSessionOptions): Promise<SessionChoice> {
  await using scope = new Scope("choose session");
  const screen = scope.own(
    openScreen(terminal, { clock: options.clock, onError: (error) => logBug(error, options.log) }),
  );
  const dialogs = scope.own(new Dialogs(screen, () => screen.invalidate()));
  scope.own(terminal.onClose(() => dialogs[Symbol.dispose]()));
  const choice = await dialogs.confirm<SessionChoice>({
    title: "You are logged in already",
    text: `Your session is open in another terminal (from ${options.elsewhere}, for ${options.since}). Continue here and close the other terminal, or open a second window of the same session? Both windows show the same files and console.`,
    buttons: [
      { label: "Continue here", letter: "C", value: "here" },
      { label: "Second window", letter: "S", value: "both" },
      { label: "Log out", letter: "L", value: "cancel" },
    ],
    initial: 0,
    cancel: "cancel",
    withdrawn: options.leaving,
  });
  screen.leave(options.leaving.aborted ? String(options.leaving.reason) : undefined);
  return choice;
}
