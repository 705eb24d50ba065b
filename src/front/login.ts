/**
 * Who may log in, and as whom. The SSH edge asks for passwords and keys; front asks again whenever a person who is in
 * wants something, because a connection can outlast the rights of an account.
 */
import { asUsername, type Account } from "../auth/account.ts";
import { loginUnavailable, type ExternalVerdict } from "../auth/external/external-login.ts";
import type { Origin } from "../auth/fair-queue.ts";
import { FailedLogins } from "../auth/failed-logins.ts";
import { checkNewPassword } from "../auth/passwords.ts";
import { counted } from "../base/counted.ts";
import { explain, logBug, sentence } from "../base/error-report.ts";
import { UserError } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import { tallies } from "../base/measures.ts";
import type { Services } from "../commands/services.ts";
import { shutOut } from "../commands/shut-out.ts";
import { addressKey, networkKey } from "../limits/address.ts";
import { maxName } from "../limits/login-throttle.ts";
import type { PasswordAnswer, PasswordAttempt, PublicKeyAttempt } from "../ssh/handlers.ts";

/** Milliseconds for which the record of a login tells who somebody is. */
const arrivalMs = 2000;

/** The logins of this process. */
export class Login implements Disposable {
  readonly #services: Services;
  readonly #log: Log;
  /** Accounts that logged in with a key: they have not shown that they know their password. */
  readonly #byKey = new WeakSet<Account>();
  /**
   * Accounts as the records of their logins found them, and when. Whoever asks first and at once after a login gets that answer, since the
   * question would be the same; a connection may also lie idle for hours before its first shell.
   */
  readonly #arrivals = new WeakMap<Account, { readonly found: Promise<Account | undefined>; readonly at: number }>();
  readonly #failures: FailedLogins;

  constructor(services: Services, log: Log) {
    this.#services = services;
    this.#log = log;
    this.#failures = new FailedLogins(services.audit, services.clock);
  }

  [Symbol.dispose](): void {
    this.#failures[Symbol.dispose]();
  }

  /** Checks a password, throttled and counted. A wrong password is an answer; nothing is thrown. */
  async password(attempt: PasswordAttempt): Promise<PasswordAnswer<Account>> {
    const { password, address, failures, closed } = attempt;
    const { throttle, clock } = this.#services;
    const username = await this.#nameOf(attempt.username);
    const allowed = await throttle.check(username, address, { first: failures === 0 });
    if (!allowed.allowed) {
      tallies.refusal.add("too-many-wrong-passwords");
      const seconds = Math.ceil(allowed.retryAfterSeconds);
      return {
        kind: "refused",
        message: `Too many wrong passwords. Connect again, or wait ${counted(seconds, "second")}.`,
      };
    }
    const earliest = clock.monotonic() + allowed.delaySeconds * 1000;
    let verdict: ExternalVerdict;
    try {
      const origin = { path: pathOf(username, address), known: allowed.known, failures, abandoned: closed };
      verdict = await this.#verdict(username, attempt, origin);
    } catch (error) {
      // A disabled account (after the right password), a database that is down or a full queue is not a wrong password.
      throttle.abandoned(username, address);
      return { kind: "refused", message: sentence(explain(error, this.#log, { username })) };
    }
    if (verdict.kind === "abandoned") {
      throttle.abandoned(username, address);
      return refused(verdict.message);
    }
    if (verdict.kind === "rejected") {
      await throttle.failed(username, address);
      // The right password never waits: a person who knows it should not suffer from those who guess.
      const wait = earliest - clock.monotonic();
      if (wait > 0) await new Promise<void>((resolve) => void clock.after(wait, resolve));
      // This reveals nothing about accounts: nobody can have such a username.
      return refused(isNoName(attempt.username) ? noNameHint : verdict.message);
    }
    const { account } = verdict;
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

  /** Asks the store that the account is in. Whoever is in neither is looked for in both. */
  async #verdict(username: string, attempt: PasswordAttempt, origin: Origin): Promise<ExternalVerdict> {
    const { accounts, external } = this.#services;
    const { password, address, ask } = attempt;
    const here = async (): Promise<ExternalVerdict> => {
      const account = await accounts.verifyPassword(username, password, origin);
      return account ? { kind: "accepted", account } : { kind: "rejected" };
    };
    if (!external || isNoName(attempt.username)) return await here();
    // No account of this server has an empty password, and what the program asks instead must not tell whose it has.
    if (password === "" || external.isAbout(await accounts.find(username))) {
      const verdict = await external.password({
        username,
        password,
        address,
        origin,
        ask,
        roleChanged: (account) => this.#roleChanged(account),
      });
      // As much work as for an account of this server, so that the time does not tell where a name is.
      return verdict.kind === "rejected" ? { ...(await here()), ...verdict } : verdict;
    }
    const verdict = await here();
    if (verdict.kind !== "rejected") return verdict;
    await external.pauseAsRefused();
    return external.trouble === undefined
      ? verdict
      : { kind: "rejected", message: sentence(explain(loginUnavailable(), this.#log)) };
  }

  /** Text above the first question for a password. */
  get passwordInstruction(): string {
    const { external, settings } = this.#services;
    return external ? settings.auth.external.instruction : "";
  }

  /**
   * Guesses at one account are counted together, whichever of its names is used. The next query reports a database that
   * is down.
   */
  async #nameOf(typed: string): Promise<string> {
    try {
      // Systems that are asked elsewhere take many spellings for one name; here they are one.
      return await this.#services.accounts.loginName(asUsername(typed.trim().normalize("NFKC")));
    } catch (error) {
      if (error instanceof UserError && error.code === "database-unavailable") return typed;
      throw error;
    }
  }

  /** The account of a public key; undefined when no account has it. */
  async publicKey(attempt: PublicKeyAttempt): Promise<Account | undefined> {
    try {
      const account = await this.#keyOwner(await this.#nameOf(attempt.username), attempt);
      if (account) this.#byKey.add(account);
      return account;
    } catch (error) {
      // The client goes on with its password, and is told then.
      logBug(error, this.#log, { username: attempt.username });
      return undefined;
    }
  }

  /** The account of a key, as the store says that the account is in. */
  async #keyOwner(username: string, { algorithm, blob, address }: PublicKeyAttempt): Promise<Account | undefined> {
    const { accounts, external } = this.#services;
    const found = await accounts.findKey(username, algorithm, blob);
    // Nobody can be asked whether the person may still come in.
    if (!external) return found?.store === "external" ? undefined : found;
    if (found?.store === "embedded" || isNoName(username)) return found;
    if (external.isAbout(found ?? (await accounts.find(username)))) {
      const origin = { path: pathOf(username, address), known: found !== undefined, failures: 0 };
      return await external.key({ username, algorithm, blob, known: found !== undefined, address, origin });
    }
    await external.pauseAsRefused();
    return undefined;
  }

  /** Whether the person has just logged in with an initial password, and so need not type it again to change it. */
  knowsInitialPassword(principal: Account): boolean {
    return principal.mustChangePassword && !this.#byKey.has(principal);
  }

  /** Records a login. */
  authenticated(account: Account, info: { address: string; method: string; username: string }): void {
    this.#record("login", { ...info, username: account.username }, "ok", {
      method: info.method,
      ...(account.store === "external" ? { store: account.store } : {}),
    });
    this.#services.usage.login(account);
    const arrival = this.#arrive(account);
    arrival.catch((error: unknown) => logBug(error, this.#log));
    this.#arrivals.set(account, { found: arrival, at: this.#services.clock.monotonic() });
  }

  async #arrive(account: Account): Promise<Account | undefined> {
    await this.#services.external?.keyProven(account, (changed) => this.#roleChanged(changed));
    return await this.#services.accounts.recordLogin(account.username);
  }

  /** Ends what somebody has open with the rights of another role. Nobody waits at a session's screen yet. */
  async #roleChanged({ username, role }: Account): Promise<void> {
    const reason = `Your role is now ${role}. Your work is kept; log in again.`;
    await shutOut({ services: this.#services, log: this.#log }, [username], reason);
  }

  /** Records a failed login. */
  authenticationFailed(info: { username: string; address: string; method: string }): void {
    this.#failures.record({
      actor: info.username,
      address: info.address,
      action: "login",
      result: "failed",
      detail: { method: info.method },
    });
  }

  /** The account under the policy for initial passwords, which tests may switch off. */
  withPolicy(account: Account): Account {
    return this.#services.settings.initialPasswordChange ? account : { ...account, mustChangePassword: false };
  }

  /** The account as it is now. Throws `account-disabled`. */
  async admitted(account: Account): Promise<Account> {
    const fresh = await this.fresh(account);
    if (fresh.state === "active") return fresh;
    throw new UserError("account-disabled", "this account is disabled", "Ask your teacher to enable it.");
  }

  /** The account as it is now, because a connection can last for hours. Without a database, as the login found it. */
  async fresh(account: Account): Promise<Account> {
    try {
      const arrival = this.#arrivals.get(account);
      this.#arrivals.delete(account);
      const isNew = arrival !== undefined && this.#services.clock.monotonic() - arrival.at < arrivalMs;
      const found = await (isNew ? arrival.found : this.#services.accounts.find(account.username));
      // Another id: the account was removed and its name given to somebody else.
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

  /**
   * Changes a password. `old` is undefined after a login with the initial one. Throws what `Accounts.setPassword`
   * throws.
   */
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

function refused(message: string | undefined): PasswordAnswer<Account> {
  return message ? { kind: "refused", message } : { kind: "refused" };
}

/** The place of a person's attempts in a queue. */
function pathOf(username: string, address: string): readonly string[] {
  return [networkKey(address), addressKey(address), username.slice(0, maxName)];
}

/**
 * Whether a text can't be a username: people type a full name, a path, a command. It costs the same work as any other.
 */
function isNoName(typed: string): boolean {
  const name = typed.trim();
  return name === "" || name.length > maxLoginName || /[^\p{L}\p{N}._%+@-]/u.test(name);
}

/** Longest e-mail address, in characters (RFC 5321). */
const maxLoginName = 254;
const noNameHint =
  "That can't be a user name: a user name is one word of letters and digits. Ask your teacher for yours.";
