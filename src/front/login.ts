/**
 * Who may log in, and as what. The edge asks for passwords and keys; the front asks again whenever somebody who is in wants
 * something, since a connection can outlast an account's good standing.
 */
import type { Account } from "../auth/account.ts";
import { FailedLogins } from "../auth/failed-logins.ts";
import { checkNewPassword } from "../auth/passwords.ts";
import { counted } from "../base/counted.ts";
import { explain, logBug, sentence } from "../base/error-report.ts";
import { UserError } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import type { Services } from "../commands/services.ts";
import { addressKey, networkKey } from "../limits/address.ts";
import { maxName } from "../limits/login-throttle.ts";
import type { PasswordAnswer, PasswordAttempt, PublicKeyAttempt } from "../ssh/handlers.ts";

export class Login implements Disposable {
  readonly #services: Services;
  readonly #log: Log;
  /** Those whom a key let in: they have not shown that they know their password. */
  readonly #byKey = new WeakSet<Account>();
  readonly #failures: FailedLogins;

  constructor(services: Services, log: Log) {
    this.#services = services;
    this.#log = log;
    this.#failures = new FailedLogins(services.audit, services.clock);
  }

  [Symbol.dispose](): void {
    this.#failures[Symbol.dispose]();
  }

  async password(attempt: PasswordAttempt): Promise<PasswordAnswer<Account>> {
    const { password, address, failures, closed } = attempt;
    const { throttle, clock, accounts } = this.#services;
    const username = await this.#nameOf(attempt.username);
    const allowed = await throttle.check(username, address, { first: failures === 0 });
    if (!allowed.allowed) {
      const seconds = Math.ceil(allowed.retryAfterSeconds);
      return {
        kind: "refused",
        message: `Too many wrong passwords. Connect again, or wait ${counted(seconds, "second")}.`,
      };
    }
    const earliest = clock.monotonic() + allowed.delaySeconds * 1000;
    let account: Account | undefined;
    try {
      const path = [networkKey(address), addressKey(address), username.slice(0, maxName)];
      const origin = { path, known: allowed.known, failures, abandoned: closed };
      account = await accounts.verifyPassword(username, password, origin);
    } catch (error) {
      // A disabled account (after the right password), a database that is down or a queue that is full is no wrong password.
      throttle.abandoned(username, address);
      return { kind: "refused", message: sentence(explain(error, this.#log, { username })) };
    }
    if (!account) {
      await throttle.failed(username, address);
      // The right password is never kept waiting: whoever knows it need not suffer for those who guess.
      const wait = earliest - clock.monotonic();
      if (wait > 0) await new Promise<void>((resolve) => void clock.after(wait, resolve));
      // It says nothing about who exists: nobody can have such a name.
      return isNoName(attempt.username) ? { kind: "refused", message: noNameHint } : { kind: "refused" };
    }
    await throttle.succeeded(username, address);
    const known = this.withPolicy(account);
    if (!known.mustChangePassword) return { kind: "accepted", principal: known };
    return {
      kind: "change-required",
      principal: known,
      check: (fresh) => this.#checkPassword(known, fresh),
      change: (fresh) => this.#changePassword(known, password, fresh, address),
    };
  }

  /** Guesses of one account are counted together, by whichever of its names; a database that is down is told by whoever asks it next. */
  async #nameOf(typed: string): Promise<string> {
    try {
      return await this.#services.accounts.loginName(typed.trim());
    } catch (error) {
      if (error instanceof UserError && error.code === "database-unavailable") return typed;
      throw error;
    }
  }

  async publicKey(attempt: PublicKeyAttempt): Promise<Account | undefined> {
    try {
      const account = await this.#services.accounts.findKey(
        await this.#nameOf(attempt.username),
        attempt.algorithm,
        attempt.blob,
      );
      if (account) this.#byKey.add(account);
      return account;
    } catch (error) {
      // The client goes on with its password, and is told there.
      logBug(error, this.#log, { username: attempt.username });
      return undefined;
    }
  }

  /** Whether somebody has just logged in with an initial password, and so need not type it again to change it. */
  knowsInitialPassword(principal: Account): boolean {
    return principal.mustChangePassword && !this.#byKey.has(principal);
  }

  authenticated(account: Account, info: { address: string; method: string; username: string }): void {
    this.#record("login", { ...info, username: account.username }, "ok", { method: info.method });
    void this.#services.accounts.recordLogin(account.username).catch((error: unknown) => logBug(error, this.#log));
  }

  authenticationFailed(info: { username: string; address: string; method: string }): void {
    this.#failures.record({
      actor: info.username,
      address: info.address,
      action: "login",
      result: "failed",
      detail: { method: info.method },
    });
  }

  /** Tests and CI may skip the forced change of initial passwords. */
  withPolicy(account: Account): Account {
    return this.#services.settings.initialPasswordChange ? account : { ...account, mustChangePassword: false };
  }

  /** The account as it is now. Throws `account-disabled`. */
  async admitted(account: Account): Promise<Account> {
    const fresh = await this.fresh(account);
    if (fresh.state === "active") return fresh;
    throw new UserError("account-disabled", "this account is disabled", "Ask your teacher to enable it.");
  }

  /** The account as it is now: one connection can last for hours. Without a database what the login found must do. */
  async fresh(account: Account): Promise<Account> {
    try {
      const found = await this.#services.accounts.find(account.username);
      // Another id: the account was removed, and the name was given to somebody else.
      return this.withPolicy(found?.id === account.id ? found : { ...account, state: "disabled" });
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
      return sentence(explain(error, this.#log, { username }));
    }
  }

  async #changePassword(account: Account, old: string, fresh: string, address: string) {
    try {
      await this.setPassword(account, old, fresh, address);
      return { ok: true as const, principal: { ...account, mustChangePassword: false } };
    } catch (error) {
      return { ok: false as const, reason: sentence(explain(error, this.#log, { username: account.username })) };
    }
  }

  async setPassword(account: Account, old: string | undefined, fresh: string, address: string): Promise<void> {
    await this.#services.accounts.setPassword(account.username, fresh, { old });
    this.#record("password.change", { username: account.username, address }, "ok", {});
  }

  #record(
    action: string,
    who: { username: string; address: string },
    result: "ok",
    detail: Record<string, string>,
  ): void {
    void this.#services.audit.record({ actor: who.username, address: who.address, action, result, detail });
  }
}

/** What people take for their user name: a full name, a path, a command. The same work is done for it as for any other. */
function isNoName(typed: string): boolean {
  const name = typed.trim();
  return name === "" || name.length > maxLoginName || /[^\p{L}\p{N}._%+@-]/u.test(name);
}

/** The longest e-mail address (RFC 5321). */
const maxLoginName = 254;
const noNameHint =
  "That can't be a user name: a user name is one word of letters and digits. Ask your teacher for yours.";
