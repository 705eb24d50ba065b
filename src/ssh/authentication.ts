/**
 * The login of one connection. The identity is fixed at ssh2's "ready" and nowhere else: accepting a key without a
 * signature only means "I would take it", and an attempt that the client has abandoned must not count when its answer
 * comes.
 */
import type { AuthContext, KeyboardAuthContext, PasswordAuthContext, PublicKeyAuthContext } from "ssh2";
import type { Clock } from "../base/clock.ts";
import { explain, logBug, sentence } from "../base/error-report.ts";
import type { Log } from "../base/log.ts";
import { tallies, timings } from "../base/measures.ts";
import { isUserKeyAllowed } from "./algorithms.ts";
import type { AuthenticationMethod, PasswordAnswer, PasswordAttempt, SshHandlers } from "./handlers.ts";
import { asking, chooseNewPassword } from "./password-dialogue.ts";
import { verifySignature } from "./user-keys.ts";

/** Who logged in. */
export interface Identity<P> {
  readonly principal: P;
  readonly username: string;
  readonly method: AuthenticationMethod;
}

/** What the login of a connection works with. */
export interface AuthenticationOptions<P> {
  readonly address: string;
  readonly handlers: SshHandlers<P>;
  readonly maxTries: number;
  readonly log: Log;
  readonly clock: Clock;
  /** Aborted when the connection is gone. */
  readonly closed: AbortSignal;
  /** Called when the connection has used up its attempts. */
  exhausted(): void;
  /** Called with whether the client waits for our answer, or we for the client. */
  waitsForUs(waits: boolean): void;
  /** Called when an attempt has failed. */
  failed(): void;
  /** Called when the person is asked what takes longer than the login grace time; `late` is told who takes too long. */
  needsTime(late: string): void;
}

/** Publickey first: clients try only what is listed, and a key is faster than a password. */
const methods: ("publickey" | "keyboard-interactive" | "password")[] = [
  "publickey",
  "keyboard-interactive",
  "password",
];
/** Requests of all kinds on one connection; agents offer many keys, each an unsigned question that is no failure. */
const maxRequests = 100;
/** Failures take a multiple of this time, so that the time does not tell which names exist. */
const failureStepMs = 100;
/** Length from which passwords are refused unread, as by sshd. */
const maxPassword = 1024;
const maxName = 255;
const lateWithPassword = "You did not choose a new password in time. Log in again.";
const lateWithAnswer = "You did not answer in time. Log in again.";

/** The authentication of one connection. */
export class Authentication<P> {
  readonly #options: AuthenticationOptions<P>;
  #requests = 0;
  #tries = 0;
  #wrongPasswords = 0;
  #accepted: Identity<P> | undefined;

  constructor(options: AuthenticationOptions<P>) {
    this.#options = options;
  }

  /** Decides one request of the client. */
  handle(context: AuthContext): void {
    this.#requests += 1;
    if (this.#requests > maxRequests) return this.#options.exhausted();
    this.#decide(context).catch((error: unknown) => {
      logBug(error, this.#options.log);
      this.#refuse(context);
    });
  }

  /** Who was accepted; to be read in ssh2's "ready". */
  get accepted(): Identity<P> | undefined {
    return this.#accepted;
  }

  async #decide(context: AuthContext): Promise<void> {
    switch (context.method) {
      case "publickey":
        return this.#publicKey(context);
      case "password":
        return this.#password(context);
      case "keyboard-interactive":
        return this.#keyboardInteractive(context);
      case "none": // how clients ask which methods there are
      case "hostbased":
        return this.#refuse(context);
    }
  }

  async #publicKey(context: PublicKeyAuthContext): Promise<void> {
    const { algo: algorithm, data: blob } = context.key;
    const hash = context.hashAlgo;
    const { blob: message, signature } = context;
    const find = async (): Promise<P | undefined> => {
      if (!isUserKeyAllowed(algorithm, hash) || context.username.length > maxName) return undefined;
      const { handlers, address } = this.#options;
      return handlers.publicKey({ username: context.username, algorithm, blob, address });
    };
    if (!signature || !message) {
      const known = (await find()) !== undefined;
      if (this.#options.closed.aborted) return;
      // Without a signature ssh2 takes this as "I would take the key"; nobody is logged in by it.
      if (known) context.accept();
      else this.#refuse(context);
      return;
    }
    await this.#try(context, "publickey", async () => {
      const began = timings.login.start();
      const principal = await find();
      if (principal === undefined || !verifySignature({ type: algorithm, blob, hash, message, signature }))
        return undefined;
      timings.login.end(began);
      return principal;
    });
  }

  async #password(context: PasswordAuthContext): Promise<void> {
    await this.#try(context, "password", async () => {
      const answer = await this.#check(context.username, context.password);
      // A change that is due is asked for by the first screen: few clients know the method's own change request.
      return answer.kind === "refused" ? undefined : answer.principal;
    });
  }

  async #keyboardInteractive(context: KeyboardAuthContext): Promise<void> {
    const ask = asking(context, this.#options.closed);
    this.#options.waitsForUs(false);
    const answers = await ask(["Password: "], this.#options.handlers.passwordInstruction);
    if (!answers) {
      this.#refuse(context);
      return;
    }
    await this.#try(context, "keyboard-interactive", async () => {
      const answer = await this.#check(context.username, answers[0] ?? "", async (questions, instruction) => {
        this.#options.needsTime(lateWithAnswer);
        this.#options.waitsForUs(false);
        const replies = await ask(questions, instruction);
        this.#options.waitsForUs(true);
        return replies?.every((reply) => reply.length < maxPassword) ? replies : undefined;
      });
      if (answer.kind === "accepted") return answer.principal;
      if (answer.kind === "change-required") {
        this.#options.needsTime(lateWithPassword);
        return chooseNewPassword(ask, answer);
      }
      if (answer.message) await ask([], answer.message);
      return undefined;
    });
  }

  async #check(username: string, password: unknown, ask?: PasswordAttempt["ask"]): Promise<PasswordAnswer<P>> {
    // With the "change my password" variant of the method, ssh2 passes an object.
    if (typeof password !== "string" || password.length > maxPassword || username.length > maxName) {
      return { kind: "refused" };
    }
    const { handlers, address, log } = this.#options;
    const began = timings.login.start();
    try {
      const answer = await handlers.password({
        username,
        password,
        address,
        failures: this.#wrongPasswords,
        closed: this.#options.closed,
        ...(ask ? { ask } : {}),
      });
      if (answer.kind === "refused") this.#wrongPasswords += 1;
      else timings.login.end(began);
      return answer;
    } catch (error) {
      return { kind: "refused", message: sentence(explain(error, log)) };
    }
  }

  /** An attempt that counts: it is counted before it is checked, since a client need not wait for the answer. */
  async #try(context: AuthContext, method: AuthenticationMethod, check: () => Promise<P | undefined>): Promise<void> {
    const { closed, maxTries, handlers, address, clock } = this.#options;
    if (this.#tries >= maxTries) return this.#options.exhausted();
    this.#tries += 1;
    const begun = clock.monotonic();
    this.#options.waitsForUs(true);
    const principal = await check();
    const { username } = context;
    if (principal !== undefined) {
      if (closed.aborted) return;
      // Not what was typed (capitals, an e-mail address): limits for each person count by one name.
      this.#accepted = { principal, username: handlers.nameOf?.(principal) ?? username, method };
      context.accept(); // "ready" comes at once, or not at all
      this.#accepted = undefined;
      return;
    }
    // Also for clients that left before the answer: hanging up early must not hide a guess.
    tallies.refusal.add("wrong-login");
    handlers.authenticationFailed?.({ username, address, method });
    this.#options.failed();
    if (closed.aborted) return;
    const spent = clock.monotonic() - begun;
    await this.#delay(Math.ceil((spent + 1) / failureStepMs) * failureStepMs - spent);
    if (this.#tries >= maxTries) this.#options.exhausted();
    else this.#refuse(context);
  }

  #refuse(context: AuthContext): void {
    this.#options.waitsForUs(false);
    if (!this.#options.closed.aborted) context.reject(methods);
  }

  #delay(ms: number): Promise<void> {
    const { clock, closed } = this.#options;
    return new Promise((resolve) => {
      const done = (): void => {
        timer[Symbol.dispose]();
        closed.removeEventListener("abort", done);
        resolve();
      };
      const timer = clock.after(ms, done);
      closed.addEventListener("abort", done, { once: true });
      if (closed.aborted) done();
    });
  }
}
