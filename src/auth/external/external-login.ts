/**
 * Theory of operation: an account belongs to one of two stores. The embedded one has its password here; the external
 * one asks the login program, and has only a copy here of who the person is. A name that the embedded store has is never
 * asked about, so the program can neither take over such an account nor, by being away, lock its owner out; any other
 * name is, whether or not there is an account of it. Whoever the program lets in gets an account at the first login, if
 * that is allowed. Questions wait in the same fair order as hashes do (fair-queue.ts).
 */
import type { Clock } from "../../base/clock.ts";
import { UserError } from "../../base/errors.ts";
import type { Log } from "../../base/log.ts";
import {
  asUsername,
  checkNewAccount,
  checkSectionName,
  isUsername,
  type Account,
  type NewAccount,
} from "../account.ts";
import { refuseDisabled, type Accounts } from "../accounts.ts";
import { keyAlgorithm } from "../account-keys.ts";
import type { Audit } from "../audit.ts";
import { FairQueue, type Origin } from "../fair-queue.ts";
import type { Role } from "../roles.ts";
import { LoginProgram, type Exchange } from "./login-program.ts";
import type { DescribedAccount, LoginAnswer, LoginPrompt } from "./login-protocol.ts";
import { RecentTimes } from "./recent-times.ts";

/** The section `auth.external` of the settings. */
export interface ExternalSettings {
  readonly command: readonly string[];
  readonly timeoutSeconds: number;
  readonly requestsAtOnce: number;
  readonly createAccounts: boolean;
  readonly updateAccounts: boolean;
  readonly roles: readonly Role[];
}

/** What external logins work with. */
export interface ExternalLoginOptions {
  readonly settings: ExternalSettings;
  readonly accounts: Accounts;
  readonly audit: Pick<Audit, "record">;
  readonly clock: Clock;
  readonly log: Log;
}

/** Ends what an account has open. */
export type RoleChanged = (account: Account) => Promise<void>;

/** A password of somebody whom the embedded store does not know. */
export interface ExternalAttempt {
  /** As typed, or of an account of the external store. */
  readonly username: string;
  readonly password: string;
  readonly address: string;
  /** Place in the queue. */
  readonly origin: Origin;
  /** Called, before the person comes in, when the program has given the account another role: what is open still has the old one. */
  readonly roleChanged: RoleChanged;
  /** Asks the person; undefined where they can't be asked. It resolves with undefined when they gave up. */
  readonly ask?:
    | ((prompts: readonly LoginPrompt[], instruction: string) => Promise<readonly string[] | undefined>)
    | undefined;
}

/** A key that somebody offers, who is not in the embedded store. */
export interface ExternalKey {
  readonly username: string;
  readonly algorithm: string;
  /** In SSH's format. */
  readonly blob: Buffer;
  /** Whether the account has it here. */
  readonly known: boolean;
  readonly address: string;
  readonly origin: Origin;
}

/** What became of an attempt. */
export type ExternalVerdict =
  | { readonly kind: "accepted"; readonly account: Account }
  | { readonly kind: "rejected"; readonly message?: string | undefined }
  /** The person gave up, or could not be asked. */
  | { readonly kind: "abandoned"; readonly message?: string | undefined };

/** Logins that wait, and conversations at once: each is a connection that has not logged in. */
const maxWaiting = 500;
const maxOfOne = 64;
const maxConversations = 200;
/** Of one network, so that nobody can take all: a class behind one address has time for more than one turn. */
const maxConversationsOfNetwork = 64;

/** Logins of accounts that are kept elsewhere. */
export class ExternalLogin implements AsyncDisposable {
  readonly #options: ExternalLoginOptions;
  readonly #program: LoginProgram;
  readonly #queue: FairQueue;
  readonly #refusals = new RecentTimes();
  /** What the program said of an account with whose key somebody may be about to log in. */
  readonly #described = new WeakMap<Account, DescribedAccount>();
  /** Conversations by network. */
  readonly #conversations = new Map<string, number>();

  constructor(options: ExternalLoginOptions) {
    const { settings, clock, log } = options;
    this.#options = options;
    this.#program = new LoginProgram({ ...settings, clock, log });
    this.#queue = new FairQueue({ inFlight: settings.requestsAtOnce, maxWaiting, maxOfOne });
  }

  /** Why nobody can be asked about now; undefined when all seems well. */
  get trouble(): string | undefined {
    return this.#program.trouble;
  }

  /** Whether this account's password is kept elsewhere, or may be: there is none of the name here. */
  isAbout(account: Account | undefined): boolean {
    return account === undefined || account.store === "external";
  }

  /**
   * Asks about a password. Throws `login-unavailable`, `too-many-logins`, and, only for who gave the right password,
   * `account-disabled`, `user-not-found` (there is no account here) or why there can't be one.
   */
  async password(attempt: ExternalAttempt): Promise<ExternalVerdict> {
    const begun = this.#options.clock.monotonic();
    const username = asUsername(attempt.username.trim());
    const { password, address, ask } = attempt;
    using exchange = this.#lazily(() =>
      this.#program.ask({ type: "password", username, password, address, conversation: ask !== undefined }),
    );
    let answer = await this.#step(exchange, attempt.origin);
    if (answer.result === "prompt") {
      if (!ask) return { kind: "abandoned" };
      const final = await this.#converse(exchange, answer, { ...attempt, ask });
      if (!final) return { kind: "abandoned" };
      answer = final;
    } else if (answer.result === "rejected") this.#refusals.add(this.#options.clock.monotonic() - begun);
    return await this.#verdict(username, answer, attempt.roleChanged);
  }

  /**
   * The account of a key; undefined when the program does not let it in, or there is no account yet: the first login is
   * with a password, since a key may be offered without a proof. Throws `login-unavailable` or `too-many-logins`.
   */
  async key({ username, algorithm, blob, known, address, origin }: ExternalKey): Promise<Account | undefined> {
    const begun = this.#options.clock.monotonic();
    const name = asUsername(username.trim());
    const key = `${keyAlgorithm(algorithm)} ${blob.toString("base64")}`;
    using exchange = this.#lazily(() => this.#program.ask({ type: "key", username: name, key, known, address }));
    const answer = await this.#step(exchange, origin);
    if (answer.result === "unavailable") throw loginUnavailable();
    if (answer.result !== "accepted") {
      this.#refusals.add(this.#options.clock.monotonic() - begun);
      return undefined;
    }
    const account = await this.#options.accounts.find(asUsername(answer.account.username ?? name));
    if (account?.store !== "external" || account.state !== "active") return undefined;
    this.#described.set(account, answer.account);
    return account;
  }

  /**
   * Brings an account up to date whose key has been proven: until then anybody could offer it. Throws what keeps the
   * person out, as after a password.
   */
  async keyProven(account: Account, roleChanged: RoleChanged): Promise<void> {
    const described = this.#described.get(account);
    this.#described.delete(account);
    if (described && this.#options.settings.updateAccounts) await this.#admit(account.username, described, roleChanged);
  }

  /** Waits as long as one of the program's last refusals took, before an account of the embedded store is refused. */
  async pauseAsRefused(): Promise<void> {
    const ms = this.#refusals.pick();
    if (ms > 0) await new Promise<void>((resolve) => void this.#options.clock.after(ms, resolve));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program[Symbol.asyncDispose]();
  }

  /** An exchange that begins when its turn in the queue has come. */
  #lazily(ask: () => Exchange): Exchange {
    let begun: Exchange | undefined;
    return {
      next: () => (begun ??= ask()).next(),
      reply: (answers) => begun?.reply(answers),
      [Symbol.dispose]: () => begun?.[Symbol.dispose](),
    };
  }

  /** The next answer that is not "waiting". Who waits for a person elsewhere takes no place of those who don't. */
  async #step(exchange: Exchange, origin: Origin, reply?: readonly string[]): Promise<LoginAnswer> {
    let answer = await this.#queue.run(origin, () => {
      if (reply) exchange.reply(reply);
      return exchange.next();
    });
    while (answer.result === "waiting") answer = await exchange.next();
    return answer;
  }

  /** Asks the person until the program has decided; undefined when they gave up. */
  async #converse(
    exchange: Exchange,
    first: LoginAnswer,
    { ask, origin }: ExternalAttempt & { readonly ask: NonNullable<ExternalAttempt["ask"]> },
  ): Promise<LoginAnswer | undefined> {
    const [network = ""] = origin.path;
    const all = [...this.#conversations.values()].reduce((sum, count) => sum + count, 0);
    const own = this.#conversations.get(network) ?? 0;
    if (all >= maxConversations || own >= maxConversationsOfNetwork)
      throw new UserError("too-many-logins", "too many people are logging in right now", "Try again in a minute.");
    this.#conversations.set(network, own + 1);
    try {
      let answer = first;
      while (answer.result === "prompt") {
        const replies = await ask(answer.prompts, answer.instruction);
        if (!replies) return undefined;
        answer = await this.#step(exchange, origin, replies);
      }
      return answer;
    } finally {
      const left = (this.#conversations.get(network) ?? 0) - 1;
      if (left > 0) this.#conversations.set(network, left);
      else this.#conversations.delete(network);
    }
  }

  async #verdict(asked: string, answer: LoginAnswer, roleChanged: RoleChanged): Promise<ExternalVerdict> {
    switch (answer.result) {
      case "accepted":
        return { kind: "accepted", account: await this.#admit(asked, answer.account, roleChanged) };
      case "rejected":
        return { kind: "rejected", message: answer.message };
      default:
        this.#options.log.warn("a login could not be checked", {
          why: answer.result === "unavailable" ? answer.reason : answer.result,
        });
        throw loginUnavailable();
    }
  }

  /** The account of somebody whom the program lets in. */
  async #admit(asked: string, described: DescribedAccount, roleChanged: RoleChanged): Promise<Account> {
    const { accounts, settings, log } = this.#options;
    const username = asUsername(described.username ?? asked);
    try {
      const found = await accounts.find(username);
      if (found && found.store !== "external") throw ownAccount(username);
      if (found) refuseDisabled(found);
      if (found && !settings.updateAccounts) return found;
      const wanted = this.#wanted(username, described);
      if (found) {
        const account = await this.#update(found, wanted);
        if (account.role !== found.role) await roleChanged(account);
        return account;
      }
      if (!settings.createAccounts) {
        throw new UserError(
          "user-not-found",
          "your password is right, but there is no account for you here",
          "Ask your teacher for one.",
        );
      }
      return await this.#create(wanted);
    } catch (error) {
      if (error instanceof UserError)
        log.warn("somebody whom the login program lets in can't come in", {
          username: isUsername(username) ? username : undefined,
          code: error.code,
          why: error.message,
        });
      throw error;
    }
  }

  /** Checks what the program says of a person. Throws `bad-name`, `usage` or `not-permitted`. */
  #wanted(username: string, described: DescribedAccount): Wanted {
    const { name, email, role, section, teaches } = described;
    checkNewAccount({ username, role: role ?? "student", name, email, section });
    for (const taught of teaches ?? []) checkSectionName(taught);
    if (role !== undefined && !this.#options.settings.roles.includes(role)) {
      throw new UserError(
        "not-permitted",
        `the role ${role} is not one that this server takes from elsewhere`,
        "Ask an admin: the setting auth.external.roles says which are.",
      );
    }
    return { username, name, email, role, section, teaches };
  }

  async #create(wanted: Wanted): Promise<Account> {
    const { accounts, audit } = this.#options;
    const role = wanted.role ?? "student";
    let account: Account;
    try {
      account = await accounts.addExternal({ ...wanted, role });
    } catch (error) {
      if (!(error instanceof UserError) || error.code !== "exists") throw error;
      // Two first logins at once, or somebody added the account at this moment.
      const found = await accounts.get(wanted.username);
      if (found.store !== "external") throw ownAccount(wanted.username);
      refuseDisabled(found);
      return found;
    }
    await audit.record({
      actor: "system",
      action: "user.add",
      subject: account.username,
      result: "ok",
      detail: { role, section: account.section, by: "first login, auth.external" },
    });
    return account;
  }

  /** Brings an account up to date. One that can't be (the last admin) stays as it is. */
  async #update(account: Account, wanted: Wanted): Promise<Account> {
    const { accounts, audit, log } = this.#options;
    const student = (wanted.role ?? account.role) === "student";
    const row = {
      number: 1,
      username: account.username,
      name: wanted.name,
      email: wanted.email,
      role: wanted.role,
      section: wanted.section,
      more: [],
      teaches: student ? undefined : wanted.teaches,
    };
    const [change] = (await accounts.roster.plan([row], "")).updated;
    if (!change) return account;
    try {
      await accounts.roster.apply([row], "");
    } catch (error) {
      if (!(error instanceof UserError) || error.code === "database-unavailable") throw error;
      log.warn("an account could not be brought up to date", { username: account.username, why: error.message });
      return account;
    }
    await audit.record({
      actor: "system",
      action: "user.set",
      subject: account.username,
      result: "ok",
      detail: { fields: change.fields.join(" "), role: wanted.role, by: "login, auth.external" },
    });
    return await accounts.get(account.username);
  }
}

type Wanted = Omit<NewAccount, "role"> & {
  readonly role: Role | undefined;
  readonly teaches: readonly string[] | undefined;
};

function ownAccount(username: string): UserError {
  return new UserError(
    "not-permitted",
    `the name ${username} belongs to an account of this server itself`,
    "Log in with the password that you have here, or ask an admin.",
  );
}

/**
 * The program can't tell. A refused login of the embedded store is told the same meanwhile: whose accounts are where is
 * nobody's business.
 */
export function loginUnavailable(): UserError {
  return new UserError(
    "login-unavailable",
    "the login service is away, so only accounts of this server itself can log in right now",
    "Try again in a few minutes.",
  );
}
