/**
 * What the ssh edge calls: who may log in, and what a shell or a command leads to. The life of a login is here, from a password
 * to the first screen; the edge knows no IDE and the IDE knows no ssh.
 */
import type { Account } from "./auth/account.ts";
import { report, UserError } from "./base/errors.ts";
import { Emitter } from "./base/events.ts";
import type { Log } from "./base/log.ts";
import { Scope } from "./base/scope.ts";
import type { Terminal } from "./base/terminal.ts";
import type { RelayedArrival } from "./cluster/cluster.ts";
import type { NodeAddress } from "./cluster/session-table.ts";
import { viewOf } from "./commands/nouns/session.ts";
import { execute } from "./commands/registry.ts";
import type { Services } from "./commands/services.ts";
import { Login } from "./login.ts";
import { placeFor } from "./session/place.ts";
import type { Recovery } from "./session/recovery.ts";
import { SessionRegistry } from "./session/registry.ts";
import type { ExecRequest, PasswordAnswer, PasswordAttempt, PublicKeyAttempt, ShellRequest, SshHandlers } from "./ssh/handlers.ts";
import type { Workbench } from "./session/workbench.ts";
import { attach, type ExitReason } from "./tui/attach.ts";
import { choosePlace } from "./tui/choose-place.ts";

export interface FrontOptions {
  readonly services: Services;
  readonly recovery: Recovery;
  readonly log: Log;
}

/** Where somebody who has logged in goes. */
type Arrival =
  | {
      readonly kind: "here";
      readonly workbench: Workbench;
      /** The person's other terminals are to close. */
      readonly alone: boolean;
      readonly greeting?: string;
      /** It was opened for this arrival. */
      readonly isNew?: boolean;
    }
  /** The session is at another node. */
  | { readonly kind: "elsewhere"; readonly session: string; readonly at: NodeAddress }
  /** It begins or ends at this moment: ask again. */
  | { readonly kind: "soon" }
  | { readonly kind: "cancelled" };

/** A person on a terminal, before anybody knows where the session is. */
interface Guest {
  readonly account: Account;
  readonly terminal: Terminal;
  readonly address: string;
  /**
   * The login itself found an initial password. A connection from before a teacher's reset has proved no such thing: whoever the
   * reset is to keep out may sit there.
   */
  readonly knowsInitialPassword?: boolean;
  /** Of a terminal that another node passes on: asks it to leave. */
  onDismiss?(leave: (reason: string) => void): Disposable;
}

/** A session that is between two nodes is asked for again after this time ... */
const askAgainMilliseconds = 40;
/** ... until its node counts as lost. A dead node's lease has ended by then. */
const patienceMilliseconds = 20_000;
const goingDown = "The server is going down. Your work is kept: log in again when it is back.";
const movingOn = "A part of the server is restarting. Your work is kept: log in again now.";

export class Front implements SshHandlers<Account>, AsyncDisposable {
  readonly #services: Services;
  readonly #recovery: Recovery;
  readonly #log: Log;
  readonly #login: Login;
  readonly #scope = new Scope("front");
  readonly #drainAsked = new Emitter<void>();

  constructor(options: FrontOptions) {
    this.#services = options.services;
    this.#recovery = options.recovery;
    this.#login = new Login(options.services, options.log);
    this.#log = options.log;
    const { sessions, cluster } = options.services;
    this.#scope.own(sessions.onEnded((id) => void cluster.directory.ended(id).catch((error: unknown) => report(error, this.#log))));
    this.#scope.own(cluster.directory.onDisplaced((id) => void this.#kick(id, "You have another session in another place. Your work is kept; log in again to go on there.")));
    cluster.serve({
      attach: (arrival) => this.#relayed(arrival),
      kick: (id, reason) => this.#kick(id, reason),
      drain: () => this.#drainAsked.emit(),
    });
  }

  /** An admin wants this process to end. */
  get onDrainAsked() {
    return this.#drainAsked.on;
  }

  /** Lets nobody in, and everybody out with a sentence (`alone`: other processes of this server go on); resolves when all have left and their work is put away. */
  async drain({ alone }: { readonly alone: boolean }): Promise<void> {
    const { sessions, cluster } = this.#services;
    const sentence = alone ? movingOn : goingDown;
    sessions.drain(sentence);
    await Promise.all([cluster.setDraining(), sessions.endAll(sentence), cluster.dismissAll(sentence)]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#scope.close();
  }

  password(attempt: PasswordAttempt): Promise<PasswordAnswer<Account>> {
    return this.#login.password(attempt);
  }

  publicKey(attempt: PublicKeyAttempt): Promise<Account | undefined> {
    return this.#login.publicKey(attempt);
  }

  authenticated(account: Account, info: { address: string; method: string; username: string }): void {
    this.#login.authenticated(account, info);
  }

  authenticationFailed(info: { username: string; address: string; method: string }): void {
    this.#login.authenticationFailed(info);
  }

  /** A person's screen, from login to goodbye. */
  async shell(request: ShellRequest<Account>): Promise<void> {
    const { terminal, address } = request;
    const account = await this.#login.admitted(request.principal);
    await this.#services.workspaces.ensureHome(account.username);
    await this.#receive({ account, terminal, address, knowsInitialPassword: this.#login.knowsInitialPassword(request.principal) });
  }

  /** Somebody whose connection is at another node, and whose session is here, as that node believes. */
  async #relayed({ session, username, address, accept, gone }: RelayedArrival): Promise<void> {
    const { sessions, accounts } = this.#services;
    await sessions.settled(username);
    if (!sessions.find(session)) return gone();
    const found = await accounts.find(username);
    if (!found) return gone();
    const account = await this.#login.admitted(found);
    // Now, or never: nothing may be waited for in between.
    if (!sessions.find(session)) return gone();
    const terminal = accept();
    await this.#receive({ account, terminal, address, onDismiss: terminal.onDismiss });
  }

  /** From arrival to goodbye, wherever the session is. */
  async #receive(guest: Guest): Promise<void> {
    const { sessions, clock } = this.#services;
    const { terminal, account } = guest;
    let givingUp = clock.monotonic() + patienceMilliseconds;
    let failure: unknown;
    while (!terminal.closed) {
      await sessions.settled(account.username);
      const arrival = await this.#arrive(account, terminal);
      if (arrival.kind === "cancelled") return terminal.close(0);
      if (arrival.kind === "here") return await this.#show(guest, arrival);
      if (arrival.kind === "elsewhere") {
        const end = await this.#relay(guest, arrival);
        if (end === "over") return;
        // Whoever was there a moment ago gets the whole time again.
        if (end === "lost") givingUp = clock.monotonic() + patienceMilliseconds;
        else if (end !== "gone") {
          if (!failure) terminal.write("Your session is on a part of the server that does not answer. One moment, please ...\r\n");
          failure = end;
        }
      }
      if (clock.monotonic() > givingUp) {
        throw failure ?? new UserError("node-unreachable", "your session can't be reached right now", "Your work is kept. Try again in a minute.");
      }
      await this.#until(clock.monotonic() + askAgainMilliseconds);
    }
  }

  /** Passes a terminal on to the session's node. An error says that the node could not be reached. */
  async #relay({ account, terminal, address }: Guest, { session, at }: { session: string; at: NodeAddress }): Promise<"over" | "gone" | "lost" | UserError> {
    try {
      const end = await this.#services.cluster.relay(at, terminal, { session, username: account.username, address });
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

  /** Shows a session of this node until its person leaves. */
  async #show(guest: Guest, arrival: Arrival & { kind: "here" }): Promise<void> {
    const { account, terminal, address } = guest;
    const { sessions, clock } = this.#services;
    const { workbench, greeting } = arrival;
    using visit = workbench.attendance.visit(address);
    using _dismissal = guest.onDismiss?.((reason) => visit.leave(reason));
    if (arrival.alone) workbench.attendance.dismiss("You went on in another terminal. This one is closed.", visit);
    const last = (): boolean => workbench.attendance.visitors.length <= 1;
    const showing = attach(terminal, workbench, {
      mustChangePassword: account.mustChangePassword,
      changePassword: (old, fresh) => this.#login.setPassword(account, old, fresh, address),
      ...(guest.knowsInitialPassword ? { setFirstPassword: (fresh: string) => this.#login.setPassword(account, undefined, fresh, address) } : {}),
      visit,
      ...(greeting === undefined ? {} : { greeting }),
      clock,
      log: this.#log,
    });
    let reason: ExitReason;
    try {
      reason = await showing;
    } catch (error) {
      // A terminal that can't show a screen, or a bug of ours: nobody is to come back to what was opened for it.
      if (last() && arrival.isNew) await sessions.end(workbench, "");
      throw error;
    }
    // Whoever quits one of two windows goes on in the other.
    if (reason === "password-not-changed" || (reason === "quit" && last())) await sessions.end(workbench, "");
  }

  /** The session to show: a new one, the one that the person left, or after a question the one that is open elsewhere. */
  async #arrive(account: Account, terminal: Terminal): Promise<Arrival> {
    const { sessions, clock } = this.#services;
    const [known] = sessions.of(account.username);
    if (!known) return await this.#begin(account);
    const { awaySince, visitors } = known.attendance;
    if (awaySince !== undefined) {
      return { kind: "here", workbench: known, alone: false, greeting: `Resumed: you were away for ${duration(clock.now() - awaySince)}.` };
    }
    const [visitor] = visitors;
    const place = await choosePlace(terminal, {
      elsewhere: visitor?.address ?? "another terminal",
      since: visitor ? duration(clock.now() - visitor.since) : "a moment ago",
      clock,
      log: this.#log,
    });
    if (place === "cancel") return { kind: "cancelled" };
    const [still] = sessions.of(account.username);
    if (still) return { kind: "here", workbench: still, alone: place === "here" };
    // While the question stood the session ended: perhaps since the account was disabled, perhaps its text is still being put away.
    await sessions.settled(account.username);
    return await this.#begin(await this.#login.admitted(account));
  }

  /** A new session here, unless there is one at another node. */
  async #begin(account: Account): Promise<Arrival> {
    const { sessions, cluster } = this.#services;
    sessions.admit();
    const id = SessionRegistry.newId();
    const claim = await cluster.directory.claim(id, account.username);
    if (claim.kind !== "here") return claim;
    try {
      // Without a database two logins at the same moment may both come to here.
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

  /** From now on the other nodes know about it. */
  #enter(workbench: Workbench): void {
    const { id, person, startedAt } = workbench;
    this.#services.cluster.directory.track({ id, username: person.username, since: startedAt, describe: () => viewOf(workbench) });
  }

  /** Ends a session of this node; false when it is not here. */
  async #kick(id: string, reason: string): Promise<boolean> {
    const { sessions } = this.#services;
    const workbench = sessions.find(id);
    if (workbench) await sessions.end(workbench, reason);
    return workbench !== undefined;
  }

  #open(account: Account, id: string): Workbench {
    const { sessions, workspaces, settings, runner, runs, fileOperations, clock } = this.#services;
    return sessions.open({
      id,
      person: account,
      workspace: workspaces.for(account),
      place: placeFor(workspaces, settings.limits, account),
      runner,
      runs,
      fileOperations,
      recovery: this.#recovery,
      locks: this.#services.locks,
      takeOverSeconds: settings.locks.takeOverSeconds,
      courseChanges: this.#services.course.onChange,
      courseName: settings.courseName,
      openFiles: settings.limits.openFiles,
      clock,
      log: this.#log,
    });
  }

  /** One command line. */
  async exec(request: ExecRequest<Account>): Promise<void> {
    const account = await this.#login.fresh(request.principal);
    if (account.state === "active") await this.#services.workspaces.ensureHome(account.username);
    const taken = await this.#services.commands.take(account.username, account.role);
    if (!taken.allowed) {
      const wait = Math.ceil(taken.retryAfterSeconds);
      throw new UserError("too-many-commands", "those were many commands in a short time", `Try again in ${wait} s.`);
    }
    const { status, signal } = await execute(request.command, {
      account,
      address: request.address,
      services: this.#services,
      stdin: request.stdin,
      stdout: request.stdout,
      stderr: request.stderr,
      terminal: request.terminal,
      onSignal: request.onSignal,
      closed: request.closed,
      log: this.#log,
    });
    if (signal) request.exitSignal(signal);
    else request.exit(status);
  }

  /** An account that is being guessed from many addresses answers strangers late. */
  async #until(moment: number): Promise<void> {
    const wait = moment - this.#services.clock.monotonic();
    if (wait > 0) await new Promise<void>((resolve) => void this.#services.clock.after(wait, resolve));
  }
}

/** "4 minutes", "2 hours", "30 seconds". */
function duration(milliseconds: number): string {
  const seconds = Math.max(1, Math.round(milliseconds / 1000));
  if (seconds < 60) return count(seconds, "second");
  if (seconds < 3600) return count(Math.round(seconds / 60), "minute");
  return count(Math.round(seconds / 3600), "hour");
}

function count(number: number, unit: string): string {
  return `${number} ${unit}${number === 1 ? "" : "s"}`;
}
