/**
 * What the ssh edge calls: who may log in, and what a shell or a command leads to. The life of a login is here, from a password
 * to the first screen; the edge knows no IDE and the IDE knows no ssh.
 */
import type { Account } from "./auth/account.ts";
import { report, UserError } from "./base/errors.ts";
import type { Log } from "./base/log.ts";
import type { Terminal } from "./base/terminal.ts";
import { execute } from "./commands/registry.ts";
import type { Services } from "./commands/services.ts";
import type { LoginThrottle } from "./limits/login-throttle.ts";
import { placeFor } from "./session/place.ts";
import type { Recovery } from "./session/recovery.ts";
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

interface Arrival {
  readonly workbench: Workbench;
  /** The person's other terminals are to close. */
  readonly alone: boolean;
  readonly greeting?: string;
}

export class Front implements SshHandlers<Account> {
  readonly #services: Services;
  readonly #recovery: Recovery;
  readonly #throttle: LoginThrottle;
  readonly #log: Log;

  constructor(options: FrontOptions) {
    this.#services = options.services;
    this.#recovery = options.recovery;
    this.#throttle = options.throttle;
    this.#log = options.log;
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
    return { kind: "change-required", principal: known, change: (fresh) => this.#changePassword(known, password, fresh, address) };
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
    const account = await this.#fresh(request.principal);
    if (account.state === "disabled") {
      throw new UserError("account-disabled", "this account is disabled", "Ask your teacher to enable it.");
    }
    const { sessions, workspaces, clock } = this.#services;
    await workspaces.ensureHome(account.username);
    await sessions.settled(account.username);
    const arrival = await this.#arrive(account, terminal);
    if (!arrival) return terminal.close(0);
    const { workbench, greeting } = arrival;
    using visit = workbench.attendance.visit(address);
    if (arrival.alone) workbench.attendance.dismiss("You went on in another terminal. This one is closed.", visit);
    const last = (): boolean => workbench.attendance.visitors.length <= 1;
    const showing = attach(terminal, workbench, {
      mustChangePassword: account.mustChangePassword,
      changePassword: (old, fresh) => this.#setPassword(account, old, fresh, address),
      setFirstPassword: (fresh) => this.#setPassword(account, undefined, fresh, address),
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
  async #arrive(account: Account, terminal: Terminal): Promise<Arrival | undefined> {
    const { sessions, clock } = this.#services;
    const [known] = sessions.of(account.username);
    if (!known) return { workbench: this.#open(account), alone: false };
    const { awaySince, visitors } = known.attendance;
    if (awaySince !== undefined) {
      return { workbench: known, alone: false, greeting: `Resumed: you were away for ${duration(clock.now() - awaySince)}.` };
    }
    const [visitor] = visitors;
    const place = await choosePlace(terminal, {
      elsewhere: visitor?.address ?? "another terminal",
      since: visitor ? `${duration(clock.now() - visitor.since)} ago` : "a moment ago",
      clock,
      log: this.#log,
    });
    if (place === "cancel") return undefined;
    // While the question stood the session can have ended.
    const [still] = sessions.of(account.username);
    return { workbench: still ?? this.#open(account), alone: place === "here" };
  }

  #open(account: Account): Workbench {
    const { sessions, workspaces, settings, runner, runs, clock } = this.#services;
    return sessions.open({
      person: account,
      workspace: workspaces.for(account),
      place: placeFor(workspaces, settings.limits, account),
      runner,
      runs,
      recovery: this.#recovery,
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

