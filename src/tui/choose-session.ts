/** Asks a person whose session is open in another terminal where to go on. */
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import { logBug } from "../base/error-report.ts";
import { Scope } from "../base/scope.ts";
import type { Terminal } from "../base/terminal.ts";
import { Dialogs } from "./parts/dialogs.ts";
import { openScreen } from "../terminal/screen.ts";

/** "here": the other place ends. "both": a second window of the same session. */
export type SessionChoice = "here" | "both" | "cancel";

export interface ChooseSessionOptions {
  /** Where the session is open: an address. */
  readonly elsewhere: string;
  /** For how long, as people say it. */
  readonly since: string;
  /** Aborted with a sentence for the person when the question can't be answered any more: the server ends. */
  readonly leaving: AbortSignal;
  readonly clock: Clock;
  readonly log: Log;
}

/** Resolves with the answer; "cancel" also when the terminal goes away. Rejects with `no-terminal` for one that has no screen. */
export async function chooseSession(terminal: Terminal, options: ChooseSessionOptions): Promise<SessionChoice> {
  await using scope = new Scope("choose place");
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
