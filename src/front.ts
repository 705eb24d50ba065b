/**
 * What the ssh edge calls: who may log in, and what a shell or a command leads to. The life of a login is here, from a password
 * to the first screen; the edge knows no IDE and the IDE knows no ssh.
 */
import type { Account } from "./auth/account.ts";
import { checkNewPassword } from "./auth/passwords.ts";
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
import type { LoginThrottle } from "./limits/login-throttle.ts";
import { placeFor } from "./session/place.ts";
import type { Recovery } from "./session/recovery.ts";
import { SessionRegistry } from "./session/registry.ts";
import type { ExecRequest, PasswordAnswer, ShellRequest, SshHandlers } from "./ssh/handlers.ts";
import type { Workbench } from "./session/workbench.ts";
import { attach, type ExitReason } from "./tui/attach.ts";
import { choosePlace } from "./tui/choose-place.ts";

export interface FrontOptions {
  readonly services: Services;
  readonly recovery: Recovery;
  readonly throttle: LoginThrottle;
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
const restarting = "The server is going down. Your work is kept: log in again when it is back.";

export class Front implements SshHandlers<Account>, AsyncDisposable {
  readonly #services: Services;
  readonly #recovery: Recovery;
  readonly #throttle: LoginThrottle;
  readonly #log: Log;
  readonly #scope = new Scope("front");
  readonly #drainAsked = new Emitter<void>();

  constructor(options: FrontOptions) {
    this.#services = options.services;
    this.#recovery = options.recovery;
    this.#throttle = options.throttle;
    this.#log = options.log;
    const { sessions, cluster } = options.services;
    this.#scope.own(sessions.onEnded((id) => void cluster.directory.ended(id).catch((error: unknown) => report(error, this.#log))));
    this.#scope.own(cluster.directory.onDisplaced((id) => this.#kick(id, "You have another session in another place. Your work is kept; log in again to go on there.")));
    cluster.serve({
      attach: (arrival) => this.#relayed(arrival),
      kick: async (id, reason) => this.#kick(id, reason),
      drain: () => this.#drainAsked.emit(),
    });
  }

  /** An admin wants this process to end. */
  get onDrainAsked() {
    return this.#drainAsked.on;
  }

  /** Lets nobody in, and everybody out with a sentence; resolves when all have left and their work is put away. */
  async drain(): Promise<void> {
    const { sessions, cluster } = this.#services;
    sessions.drain();
    await cluster.setDraining();
    await Promise.all([sessions.endAll(restarting), cluster.dismissAll(restarting)]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#scope.close();
  }

  async password(attempt: { username: string; password: string; address: string }): Promise<PasswordAnswer<Account>> {
    const { username, password, address } = attempt;
    const allowed = this.#throttle.check(username, address);
    if (!allowed.allowed) {
      return { kind: "refused", message: `Too many wrong passwords. Try again in ${Math.ceil(allowed.retryAfterSeconds)} seconds.` };
    }
    const earliest = this.#services.clock.monotonic() + allowed.delaySeconds * 1000;
    let account: Account | undefined;
    try {
      account = await this.#services.accounts.verifyPassword(username, password);
    } catch (error) {
      // A disabled account (after the right password), a database that is down or a queue that is full is no wrong password.
      this.#throttle.abandoned(username, address);
      return { kind: "refused", message: sentence(report(error, this.#log, { username })) };
    }
    await this.#until(earliest);
    if (!account) {
      this.#throttle.failed(username, address);
      return { kind: "refused" };
    }
    this.#throttle.succeeded(username, address);
    const known = this.#withPolicy(account);
    if (!known.mustChangePassword) return { kind: "accepted", principal: known };
    return { kind: "change-required", principal: known, check: (fresh) => this.#checkPassword(known, fresh), change: (fresh) => this.#changePassword(known, password, fresh, address) };
  }

  async publicKey(attempt: { username: string; algorithm: string; blob: Buffer; address: string }): Promise<Account | undefined> {
    try {
      return await this.#services.accounts.findKey(attempt.username, attempt.algorithm, attempt.blob);
    } catch (error) {
      // The client goes on with its password, and is told there.
      report(error, this.#log, { username: attempt.username });
      return undefined;
    }
  }

  authenticated(account: Account, info: { address: string; method: string; username: string }): void {
    this.#record("login", info, "ok", { method: info.method });
    void this.#services.accounts.recordLogin(account.username).catch((error: unknown) => report(error, this.#log));
  }

  authenticationFailed(info: { username: string; address: string; method: string }): void {
    this.#record("login", info, "failed", { method: info.method });
  }

  /** A person's screen, from login to goodbye. */
  async shell(request: ShellRequest<Account>): Promise<void> {
    const { terminal, address } = request;
    const account = await this.#admitted(request.principal);
    await this.#services.workspaces.ensureHome(account.username);
    await this.#receive({ account, terminal, address, knowsInitialPassword: request.principal.mustChangePassword });
  }

  /** Somebody whose connection is at another node, and whose session is here, as that node believes. */
  async #relayed({ session, username, address, accept, gone }: RelayedArrival): Promise<void> {
    const { sessions, accounts } = this.#services;
    await sessions.settled(username);
    if (!sessions.find(session)) return gone();
    const account = await accounts.find(username);
    if (!account || !sessions.find(session)) return gone();
    const terminal = accept();
    await this.#receive({ account: this.#withPolicy(account), terminal, address, onDismiss: terminal.onDismiss });
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
        else if (end !== "gone") failure = end;
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
      changePassword: (old, fresh) => this.#setPassword(account, old, fresh, address),
      ...(guest.knowsInitialPassword ? { setFirstPassword: (fresh: string) => this.#setPassword(account, undefined, fresh, address) } : {}),
      visit,
      ...(greeting === undefined ? {} : { greeting }),
      clock,
      log: this.#log,
    });
    let reason: ExitReason;
    try {
      reason = await showing;
    } catch (error) {
      // A terminal that can't show a screen, or a bug of ours: nobody is to come back to this.
      if (last()) await sessions.end(workbench, "");
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
    return await this.#begin(await this.#admitted(account));
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
        return { kind: "here", workbench, alone: false };
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

  #kick(id: string, reason: string): boolean {
    const { sessions } = this.#services;
    const workbench = sessions.find(id);
    if (workbench) void sessions.end(workbench, reason);
    return workbench !== undefined;
  }

  #open(account: Account, id: string): Workbench {
    const { sessions, workspaces, settings, runner, runs, clock } = this.#services;
    return sessions.open({
      id,
      person: account,
      workspace: workspaces.for(account),
      place: placeFor(workspaces, settings.limits, account),
      runner,
      runs,
      recovery: this.#recovery,
      locks: this.#services.locks,
      courseChanges: this.#services.course.onChange,
      courseName: settings.courseName,
      openFiles: settings.limits.openFiles,
      clock,
      log: this.#log,
    });
  }

  /** One command line. */
  async exec(request: ExecRequest<Account>): Promise<void> {
    const account = await this.#fresh(request.principal);
    if (account.state === "active") await this.#services.workspaces.ensureHome(account.username);
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

  /** Tests and CI may skip the forced change of initial passwords. */
  #withPolicy(account: Account): Account {
    return this.#services.settings.initialPasswordChange ? account : { ...account, mustChangePassword: false };
  }

  /** The account as it is now. Throws `account-disabled`. */
  async #admitted(account: Account): Promise<Account> {
    const fresh = await this.#fresh(account);
    if (fresh.state === "active") return fresh;
    throw new UserError("account-disabled", "this account is disabled", "Ask your teacher to enable it.");
  }

  /** The account as it is now: one connection can last for hours. Without a database what the login found must do. */
  async #fresh(account: Account): Promise<Account> {
    try {
      const found = await this.#services.accounts.find(account.username);
      return this.#withPolicy(found ?? { ...account, state: "disabled" });
    } catch (error) {
      if (error instanceof UserError && error.code === "database-unavailable") return account;
      throw error;
    }
  }

  #checkPassword({ username, name }: Account, fresh: string): string | undefined {
    try {
      checkNewPassword(fresh, { minimumLength: this.#services.settings.accounts.passwordLength, username, name });
      return undefined;
    } catch (error) {
      return sentence(report(error, this.#log, { username }));
    }
  }

  async #changePassword(account: Account, old: string, fresh: string, address: string) {
    try {
      await this.#setPassword(account, old, fresh, address);
      return { ok: true as const, principal: { ...account, mustChangePassword: false } };
    } catch (error) {
      return { ok: false as const, reason: sentence(report(error, this.#log, { username: account.username })) };
    }
  }

  async #setPassword(account: Account, old: string | undefined, fresh: string, address: string): Promise<void> {
    await this.#services.accounts.setPassword(account.username, fresh, { old });
    this.#record("password.change", { username: account.username, address }, "ok", {});
  }

  #record(action: string, who: { username: string; address: string }, result: "ok" | "failed", detail: Record<string, string>): void {
    void this.#services.audit.record({ actor: who.username, address: who.address, action, result, detail });
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

/** One paragraph for places that have no second line. */
function sentence(told: { message: string; hint: string | undefined }): string {
  const message = told.message.charAt(0).toUpperCase() + told.message.slice(1);
  return told.hint ? `${message}. ${told.hint}` : `${message}.`;
}

