/**
 * A person's own session, wherever it is: begun, resumed, or shared with another terminal after a question; shown here,
 * or the terminal relayed to the node that has it.
 */
import type { Account } from "../auth/account.ts";
import { may } from "../auth/roles.ts";
import { counted } from "../base/counted.ts";
import { UserError } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import { terminalLines } from "../base/wrap.ts";
import type { NodeAddress } from "../cluster/session-table.ts";
import type { Destination } from "../commands/destination.ts";
import { viewOf } from "../commands/nouns/session-commands.ts";
import type { Services } from "../commands/services.ts";
import { shutOutElsewhere } from "../commands/shut-out.ts";
import type { Login } from "./login.ts";
import type { TerminalUser } from "./departure.ts";
import type { Attachment } from "../session/attendance.ts";
import { publicAddress } from "./public-address.ts";
import type { Admission } from "./admission.ts";
import { jailSpecFor } from "../session/jail-spec-for.ts";
import type { Recovery } from "../session/recovery.ts";
import { SessionRegistry } from "../session/session-registry.ts";
import type { Workbench } from "../session/workbench.ts";
import { attach, type ScreenEnd } from "../tui/attach.ts";
import { chooseSession } from "../tui/choose-session.ts";
import type { Windows } from "../tui/watch/windows.ts";

const slowAnswer = "The part of the server that has your session is not answering. One moment, please ...";

/** What own sessions need of their process. */
export interface OwnSessionOptions {
  readonly services: Services;
  readonly recovery: Recovery;
  readonly login: Login;
  readonly admission: Admission;
  readonly windows: Windows;
  readonly log: Log;
}

/**
 * A person who has gone to another screen for a while: the session counts as attended meanwhile. Disposing leaves the
 * session.
 */
export interface Stay extends Disposable {
  readonly workbench: Workbench;
  readonly attachment: Attachment;
}

/** How the own session was left. */
export type OwnEnd =
  /** The terminal is closed, or about to be. */
  | { readonly kind: "over" }
  /** The terminal is open, and the session is kept. */
  | { readonly kind: "go"; readonly to: Destination; readonly stay: Stay };

/** Where somebody goes who has logged in. */
type Arrival =
  | {
      readonly kind: "here";
      readonly workbench: Workbench;
      /** Whether the person's other terminals are closed. */
      readonly alone: boolean;
      readonly greeting?: string;
      /** Whether it was opened for this arrival. */
      readonly isNew?: boolean;
    }
  /** The session is on another node. */
  | { readonly kind: "elsewhere"; readonly session: string; readonly at: NodeAddress }
  /** The session is beginning or ending, or somebody is making room for it: ask again. */
  | { readonly kind: "soon" }
  | { readonly kind: "cancelled" };

/** Milliseconds between questions for a session that is between two nodes ... */
const askAgainMs = 40;
/** ... and until its node counts as lost. A dead node's lease has expired by then. */
const patienceMs = 20_000;
const silentExam = "This is an exam. Your teachers may watch your screen at any time without being shown here.";
const over: OwnEnd = { kind: "over" };

/** Shows people their own sessions. */
export class OwnSession {
  readonly #options: OwnSessionOptions;
  readonly #services: Services;
  readonly #log: Log;
  readonly #login: Login;

  constructor(options: OwnSessionOptions) {
    this.#options = options;
    this.#services = options.services;
    this.#log = options.log;
    this.#login = options.login;
  }

  /** Shows the session to a person who comes back to it, if it is still open. */
  async comeBack(user: TerminalUser, stay: Stay, notice: string | undefined): Promise<OwnEnd> {
    const { workbench, attachment } = stay;
    if (this.#services.sessions.find(workbench.id) !== workbench) {
      stay[Symbol.dispose]();
      return await this.receive(user);
    }
    return await this.#show(
      user,
      { kind: "here", workbench, alone: false, ...(notice === undefined ? {} : { greeting: notice }) },
      attachment,
    );
  }

  /** Receives a person after the login, until they leave or go somewhere else. Throws what opening a session throws. */
  async receive(user: TerminalUser): Promise<OwnEnd> {
    const { sessions, clock } = this.#services;
    const { terminal, account } = user;
    let givingUp = clock.monotonic() + patienceMs;
    let failure: unknown;
    while (!terminal.closed) {
      await sessions.whenEnded(account.username);
      const arrival = await this.#arrive(user);
      if (arrival.kind === "cancelled") {
        terminal.close(0);
        return over;
      }
      if (arrival.kind === "here") return await this.#show(user, arrival);
      if (arrival.kind === "elsewhere") {
        const end = await this.#relay(user, arrival);
        if (end === "over") return over;
        // A session that was reachable a moment ago gets the whole time again.
        if (end === "lost") givingUp = clock.monotonic() + patienceMs;
        else if (end !== "gone") {
          if (!failure) terminal.write(terminalLines(slowAnswer, terminal.size.columns));
          failure = end;
        }
      }
      if (clock.monotonic() > givingUp) {
        throw (
          failure ??
          new UserError(
            "node-unreachable",
            "your session can't be reached right now",
            "Your work is kept. Try again in a minute.",
          )
        );
      }
      await this.#until(clock.monotonic() + askAgainMs);
    }
    return over;
  }

  /** Relays a terminal to the session's node. An error means that the node could not be reached. */
  async #relay(
    { account, terminal, address, knowsInitialPassword = false }: TerminalUser,
    { session, at }: { session: string; at: NodeAddress },
  ): Promise<"over" | "gone" | "lost" | UserError> {
    try {
      const end = await this.#services.cluster.relay(at, terminal, {
        session,
        username: account.username,
        address,
        knowsInitialPassword,
      });
      switch (end.kind) {
        case "closed":
          terminal.close(end.status);
          return "over";
        case "left":
          return "over";
        case "gone":
        case "lost":
          return end.kind;
        default:
          return end satisfies never;
      }
    } catch (error) {
      if (error instanceof UserError) return error;
      throw error;
    }
  }

  /** Shows a session of this node until its owner leaves. */
  async #show(user: TerminalUser, arrival: Arrival & { kind: "here" }, known?: Attachment): Promise<OwnEnd> {
    const attachment = known ?? arrival.workbench.attendance.attach(user.address);
    let end: OwnEnd | undefined;
    try {
      end = await this.#shown(user, arrival, attachment, known !== undefined);
      return end;
    } finally {
      if (end?.kind !== "go") attachment[Symbol.dispose]();
    }
  }

  async #shown(
    user: TerminalUser,
    arrival: Arrival & { kind: "here" },
    attachment: Attachment,
    isBack: boolean,
  ): Promise<OwnEnd> {
    const { account, terminal, address } = user;
    const { sessions, clock } = this.#services;
    const { workbench, greeting } = arrival;
    using _dismissal = user.onDismiss?.((reason) => attachment.leave(reason));
    if (arrival.alone)
      workbench.attendance.dismiss("You continued in another terminal, so this one was closed.", attachment);
    using seat = this.#services.classroom.sit({ account, address });
    const last = (): boolean => workbench.attendance.attachments.length <= 1;
    const showing = attach(terminal, workbench, {
      mustChangePassword: account.mustChangePassword,
      refusePasswordElsewhere: () => this.#services.accounts.refusePasswordElsewhere(account),
      changePassword: (old, fresh) => this.#login.setPassword(account, old, fresh, address),
      ...(user.knowsInitialPassword
        ? { setFirstPassword: (fresh: string) => this.#login.setPassword(account, undefined, fresh, address) }
        : {}),
      endOthers: () => this.#endOthers(user, workbench, attachment),
      attachment,
      seat,
      windows: this.#options.windows,
      ...(this.#isSilentExam(account) && !isBack ? { announcement: silentExam } : {}),
      ...(user.whom ? { whom: user.whom } : {}),
      ...(greeting === undefined ? {} : { greeting }),
      clock,
      log: this.#log,
    });
    let end: ScreenEnd;
    try {
      end = await showing;
    } catch (error) {
      // The terminal can't show a screen, or there was a bug: nobody should come back to what was opened for it.
      if (last() && arrival.isNew) await sessions.end(workbench, "");
      throw error;
    }
    if (end.kind === "go")
      return {
        kind: "go",
        to: end.to,
        stay: { workbench, attachment, [Symbol.dispose]: () => attachment[Symbol.dispose]() },
      };
    // A person who quits one of two windows goes on in the other.
    if (end.reason === "password-not-changed" || (end.reason === "quit" && last())) await sessions.end(workbench, "");
    return over;
  }

  /**
   * Ends, after a change of the password, what somebody may have opened with the old one. This terminal goes on, unless
   * another node relays it.
   */
  async #endOthers({ account, connection }: TerminalUser, workbench: Workbench, attachment: Attachment): Promise<void> {
    const reason = "Your password was changed and your other sessions were ended.";
    const services = this.#services;
    workbench.attendance.dismiss(reason, attachment);
    await services.disconnect(account.username, reason, connection);
    await shutOutElsewhere({ services, log: this.#log }, [account.username], reason);
  }

  #isSilentExam({ role }: Account): boolean {
    return this.#services.settings.exam.silentWatching && !may(role, "attach");
  }

  /**
   * The session to show: a new one, the one that the person left, or, after a question, the one that is open elsewhere.
   */
  async #arrive(user: TerminalUser): Promise<Arrival> {
    const { account, terminal } = user;
    const { sessions, clock } = this.#services;
    const [known] = sessions.of(account.username);
    if (!known) return await this.#begin(account);
    const { awaySince, attachments } = known.attendance;
    if (awaySince !== undefined) {
      return {
        kind: "here",
        workbench: known,
        alone: false,
        greeting: `Resumed: you were away for ${duration(clock.now() - awaySince)}.`,
      };
    }
    const [attachment] = attachments;
    const dismissed = new AbortController();
    using _dismissal = user.onDismiss?.((reason) => dismissed.abort(reason));
    const choice = await chooseSession(terminal, {
      elsewhere: attachment?.address ?? "another terminal",
      since: attachment ? duration(clock.now() - attachment.since) : "a moment ago",
      leaving: user.ending ? AbortSignal.any([user.ending, dismissed.signal]) : dismissed.signal,
      clock,
      log: this.#log,
    });
    if (choice === "cancel") return { kind: "cancelled" };
    const [still] = sessions.of(account.username);
    if (still) return { kind: "here", workbench: still, alone: choice === "here" };
    // The session ended during the question: perhaps the account was disabled, perhaps its text is still being put
    // away.
    await sessions.whenEnded(account.username);
    return await this.#begin(await this.#login.admitted(account));
  }

  /** A new session here, unless there is one on another node. */
  async #begin(account: Account): Promise<Arrival> {
    const { sessions, cluster } = this.#services;
    sessions.assertServing();
    const id = SessionRegistry.newId();
    const claim = await cluster.directory.claim(id, account.username);
    if (claim.kind === "full") {
      await this.#options.admission.make(claim.absent);
      return { kind: "soon" };
    }
    if (claim.kind !== "here") return claim;
    try {
      // Without a database two logins at the same moment may both come here.
      if (sessions.of(account.username).length === 0) {
        const workbench = this.#open(account, id);
        this.#enter(workbench);
        return { kind: "here", workbench, alone: false, isNew: true };
      }
    } catch (error) {
      await cluster.directory.abandon(id);
      throw error;
    }
    await cluster.directory.abandon(id);
    return { kind: "soon" };
  }

  /** Enters the session in the directory, so that other nodes know it. */
  #enter(workbench: Workbench): void {
    const { id, person, startedAt } = workbench;
    this.#services.cluster.directory.track({
      id,
      username: person.username,
      since: startedAt,
      describe: () => viewOf(workbench),
      onMove: workbench.progress.onMove,
    });
  }

  #open(account: Account, id: string): Workbench {
    const { sessions, workspaces, studentSandboxes, settings, runner, runs, fileOperations, clock } = this.#services;
    const workbench = sessions.open({
      id,
      person: account,
      workspace: workspaces.for(account),
      jailSpec: jailSpecFor(workspaces, settings.limits, account),
      highestLimits: settings.limits.course,
      runner,
      studentSandboxes,
      runs,
      fileOperations,
      recovery: this.#options.recovery,
      locks: this.#services.locks,
      takeOverSeconds: settings.locks.takeOverSeconds,
      courseChanges: this.#services.course.onChange,
      courseName: settings.courseName,
      publicAddress: publicAddress(settings),
      openFiles: settings.limits.openFiles,
      consoles: settings.limits.consoles,
      mayExplain: () => settings.runner.explain,
      clock,
      log: this.#log,
    });
    this.#services.sessionUsage.count(workbench, account);
    return workbench;
  }

  /** Waits until a time on the monotonic clock. */
  async #until(moment: number): Promise<void> {
    const wait = moment - this.#services.clock.monotonic();
    if (wait > 0) await new Promise<void>((resolve) => void this.#services.clock.after(wait, resolve));
  }
}

/** A duration in milliseconds as "4 minutes", "2 hours" or "30 seconds". */
function duration(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1000));
  if (seconds < 60) return counted(seconds, "second");
  if (seconds < 3600) return counted(Math.round(seconds / 60), "minute");
  return counted(Math.round(seconds / 3600), "hour");
}
