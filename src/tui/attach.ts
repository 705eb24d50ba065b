/** Attaches a terminal to a session: opens the screen, keeps it until the person leaves, and restores the terminal. */
import { systemClock, type Clock } from "../base/clock.ts";
import { UserError } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import { Scope } from "../base/scope.ts";
import type { Terminal } from "../base/terminal.ts";
import type { Seat } from "../classroom/seat.ts";
import type { Destination } from "../commands/destination.ts";
import type { Participant } from "../editor/participant.ts";
import type { Attachment } from "../session/attendance.ts";
import type { Workbench } from "../session/workbench.ts";
import { Client } from "./client/client.ts";
import type { Dialogs } from "./parts/dialogs.ts";
import { RehearsalTerminal, rehearsalWorkbench } from "./client/rehearsal.ts";
import { openScreen } from "../terminal/screen.ts";
import { yieldToDriver } from "./watch/drive-bar.ts";
import type { GuestClientOptions } from "./watch/show-session.ts";
import type { OpenWindow, Windows } from "./watch/windows.ts";

/** What a screen on a session needs beside the terminal and the workbench. */
export interface AttachOptions {
  /** The person still has the initial password, and must choose another one first. */
  readonly mustChangePassword: boolean;
  /** Changes the password. Throws a UserError that says what is wrong with the new one. */
  readonly changePassword: (old: string, fresh: string) => Promise<void>;
  /** Throws a UserError that says where to change a password that isn't kept here. */
  readonly refusePasswordElsewhere?: () => void;
  /** Ends the person's other terminals and connections, after a change of the password. */
  readonly endOthers?: () => Promise<void>;
  /**
   * Sets the password of a first login, in which the person has just given the initial one. Without this, the form asks
   * for it again.
   */
  readonly setFirstPassword?: (fresh: string) => Promise<void>;
  /** This terminal among the session's attachments; without it, nothing can ask it to leave. */
  readonly attachment?: Attachment;
  /** A notice for when the session has opened: "Resumed: you were away for 4 minutes." */
  readonly greeting?: string;
  /** Asks which student to attach to; undefined when the person cancels. */
  readonly whom?: ((dialogs: Dialogs) => Promise<string | undefined>) | undefined;
  /** The guest who attaches; by default the session's owner. */
  readonly participant?: Participant | undefined;
  /** The person's seat in the class. */
  readonly seat?: Seat | undefined;
  /** A text that the person confirms with Enter first, such as that this is an exam. */
  readonly announcement?: string | undefined;
  /** Where viewers find this screen; without it, nobody can see it. */
  readonly windows?: Windows | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

/** Why a screen ended. "moved": the person continues in another terminal. */
export type ExitReason = "quit" | "disconnected" | "ended" | "moved" | "password-not-changed";

/** How a screen ended: the terminal is closed, or it is open and the person wants to go somewhere else with it. */
export type ScreenEnd =
  | { readonly kind: "closed"; readonly reason: ExitReason }
  | { readonly kind: "go"; readonly to: Destination };

interface Ending {
  readonly end: ScreenEnd;
  /** The last line on the person's terminal; empty for none. */
  readonly farewell: string;
}

/**
 * Shows a session on a terminal. Resolves when the person has left, the terminal has closed or the session has ended;
 * the terminal is then restored, and closed with status 0 unless the person goes somewhere else. Rejects with UserError
 * `no-terminal` for a terminal that can't show a screen; the caller tells the person and closes it.
 */
export async function attach(terminal: Terminal, workbench: Workbench, options: AttachOptions): Promise<ScreenEnd> {
  const scope = new Scope(`client of ${workbench.id}`);
  try {
    const end = await live(scope, terminal, workbench, options);
    await scope.close();
    if (end.kind === "closed") terminal.close(0);
    return end;
  } finally {
    await scope.close();
  }
}

/** A client for a guest of the session. */
export function openGuestClient(options: GuestClientOptions): Client {
  return new Client({
    ...options,
    changePassword: () => Promise.reject(new UserError("not-permitted", "this is not your account")),
  });
}

async function live(
  scope: Scope,
  terminal: Terminal,
  workbench: Workbench,
  options: AttachOptions,
): Promise<ScreenEnd> {
  const ending = deferred<Ending>();
  const close = (reason: ExitReason, farewell: string): void =>
    ending.resolve({ end: { kind: "closed", reason }, farewell });
  let client: Client | undefined;
  const screen = scope.own(
    openScreen(terminal, { clock: options.clock, onError: (error) => client?.actionRunner.tell(error) }),
  );
  client = new Client({
    scope,
    screen,
    workbench,
    participant: options.participant,
    clock: options.clock,
    log: options.log,
    changePassword: options.changePassword,
    refusePasswordElsewhere: options.refusePasswordElsewhere,
    endOthers: options.endOthers,
    setFirstPassword: options.setFirstPassword,
    leave: () => close("quit", `Goodbye, ${workbench.person.username}. See you soon!`),
    go: (to) => ending.resolve({ end: { kind: "go", to }, farewell: "" }),
    whom: options.whom,
    seat: options.seat,
  });
  const shown = client;
  scope.own(screen.onResize(() => shown.resized()));
  scope.own(terminal.onClose(() => close("disconnected", "")));
  scope.own(workbench.onEnd((reason) => close("ended", reason)));
  const { attachment, windows } = options;
  let window: OpenWindow | undefined;
  scope.own(yieldToDriver(screen, workbench, () => window?.touch()));
  scope.defer(() => window?.[Symbol.dispose]());
  // Viewers see the screen only after a first password has been chosen, and after the person has read that this is an
  // exam.
  const open = (): void => {
    if (!scope.closed) window = windows?.open(workbench, screen);
  };
  if (attachment) {
    scope.own(terminal.onInput(() => attachment.touch()));
    scope.own(attachment.onLeave((reason) => close("moved", reason)));
  }
  if (terminal.closed) close("disconnected", "");
  shown.actionRunner.run("begin", () => begin(shown, workbench, options, { open, close }));
  const { end, farewell } = await ending.promise;
  screen.leave(farewell === "" ? undefined : farewell);
  return end;
}

interface BeginSteps {
  /** Lets viewers see the screen. */
  readonly open: () => void;
  readonly close: (reason: ExitReason, farewell: string) => void;
}

async function begin(
  client: Client,
  workbench: Workbench,
  options: AttachOptions,
  { open, close }: BeginSteps,
): Promise<void> {
  if (options.mustChangePassword) {
    const reason =
      "You logged in with an initial password. Before you begin, choose your own: at least 10 characters, or a few words that only you would put together.";
    const done = await client.passwords.askFirst(`Welcome, ${workbench.person.username}`, reason);
    if (!done) return close("password-not-changed", "Your password was not changed. Log in again when you are ready.");
  }
  if (options.announcement) await client.questions.tell("Before you begin", options.announcement);
  open();
  try {
    await client.questions.holding(() => workbench.begin());
  } finally {
    options.seat?.catchUp();
  }
  if (options.greeting) workbench.notices.tell("info", options.greeting);
  await client.saving.resolveRecovered();
}

function deferred<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

/**
 * Rehearses until V8 has compiled the code of a first screen. Failures are logged only: without a rehearsal, the first
 * people wait a little longer.
 */
export async function warmUp(log: Log): Promise<void> {
  for (let round = 0; round < 3; round++) await rehearse(log);
}

/** Shows a dummy session, types, and leaves. Resolves with the text that the editor held at the end. */
export async function rehearse(log: Log): Promise<string> {
  const terminal = new RehearsalTerminal();
  const workbench = rehearsalWorkbench(log);
  try {
    const left = attach(terminal, workbench, {
      mustChangePassword: false,
      changePassword: () => Promise.resolve(),
      clock: systemClock,
      log,
    });
    // One turn of the event loop for each: the session opens, the frames are drawn.
    for (const bytes of ["", "x", "if x:\r", "\x1bOB", "\x1bOS", "\x1bOR"]) {
      terminal.type(bytes);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const text = workbench.documents.active?.content.text() ?? "";
    terminal.close();
    await left;
    return text;
  } finally {
    await workbench[Symbol.asyncDispose]();
  }
}
