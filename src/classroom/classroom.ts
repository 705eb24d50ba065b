/**
 * Theory of operation: hands and messages live in the database; whoever changes them notifies one channel with an id. Each process
 * listens on it with one connection and reads what concerns the people who have a screen here (their seats). A notification that was
 * missed while the connection was down is made up for when it is back: hands are read as a whole, and unread messages again.
 */
import type { Account } from "../auth/account.ts";
import type { Accounts } from "../auth/accounts.ts";
import type { Audit } from "../auth/audit.ts";
import type { Clock } from "../base/clock.ts";
import { logBug } from "../base/error-report.ts";
import { UserError } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import { Scope } from "../base/scope.ts";
import type { Settings } from "../config/schema.ts";
import type { Database } from "../db/database.ts";
import { Listener } from "../db/listener.ts";
import type { Actor } from "./actor.ts";
import { Hands, type Hand } from "./hands.ts";
import { Messages, type BroadcastResult } from "./messages.ts";
import { LiveClass } from "./live-class.ts";
import { Seat, type SeatClassroom } from "./seat.ts";

export interface ClassroomOptions {
  readonly database: Database;
  readonly url: string;
  readonly accounts: Accounts;
  readonly audit: Audit;
  readonly settings: Settings["classroom"];
  /** Messages and raised hands a minute, by username and role. */
  readonly limiter: Limiter;
  /** Whether the time may be believed: what is too old is removed only then. */
  readonly mayRemove: () => Promise<boolean>;
  readonly clock: Clock;
  readonly log: Log;
}

/** As limits/shared-rate.ts has it. */
export interface Limiter {
  take(key: string, kind?: string): Promise<{ readonly allowed: boolean; readonly retryAfterSeconds: number }>;
}

const channel = "classh_classroom";
const listenSeconds = 10;
const pruneMs = 600_000;

export class Classroom implements SeatClassroom, AsyncDisposable {
  readonly hands: Hands;
  readonly messages: Messages;
  readonly liveClass: LiveClass;
  readonly #options: ClassroomOptions;
  readonly #scope = new Scope("classroom");
  readonly #listener: Listener;
  readonly #seats = new Set<Seat>();
  #known: readonly Hand[] = [];
  #work: Promise<void> = Promise.resolve();
  #handsDue = false;

  constructor(options: ClassroomOptions) {
    const { database, accounts, settings, clock, log } = options;
    this.#options = options;
    this.hands = new Hands({ database, accounts, hours: settings.handHours });
    this.messages = new Messages({ database, accounts, days: settings.messageDays, kept: settings.messagesKept });
    this.liveClass = this.#scope.own(new LiveClass({ database, handHours: settings.handHours, clock, log }));
    this.#listener = this.#scope.own(
      new Listener({ url: options.url, channel, timeoutSeconds: listenSeconds, clock, log }),
    );
    this.#scope.own(this.#listener.onNotification((payload) => this.#notified(payload)));
    this.#scope.own(this.#listener.onConnected(() => this.#missed()));
    this.#scope.own(clock.every(pruneMs, () => this.#inTurn(() => this.prune())));
  }

  /** Whether news from other processes arrive right now. */
  get listening(): boolean {
    return this.#listener.connected;
  }

  /** A person's place in the class, while they have a screen here. */
  sit(actor: Actor): Seat {
    const seat: Seat = new Seat({
      actor,
      classroom: this,
      accounts: this.#options.accounts,
      log: this.#options.log,
      left: () => this.#seats.delete(seat),
    });
    this.#seats.add(seat);
    seat.showHand(this.#handOf(seat));
    this.#dueHands();
    this.#inTurn(() => seat.countUnread());
    return seat;
  }

  /** Raises a student's hand. Throws what `Hands.raise` does, and `too-many-messages`. */
  async raise({ account, address }: Actor, note: string): Promise<Hand> {
    await this.#take(account);
    const hand = await this.hands.raise(account, note);
    await this.#record(account, address, "hand.raise", account.username);
    return hand;
  }

  /** Takes one's own hand down. Throws `hand-not-found`. */
  async lower({ account, address }: Actor): Promise<void> {
    await this.hands.lower(account);
    await this.#record(account, address, "hand.lower", account.username);
  }

  async claim({ account, address }: Actor, username: string): Promise<Hand> {
    const hand = await this.hands.claim(account, username);
    await this.#record(account, address, "hand.claim", username);
    return hand;
  }

  async close({ account, address }: Actor, username: string): Promise<void> {
    await this.hands.close(account, username);
    await this.#record(account, address, "hand.close", username);
  }

  /** Like `close`; false when the hand is down already. */
  async closeIfUp(actor: Actor, username: string): Promise<boolean> {
    try {
      await this.close(actor, username);
      return true;
    } catch (error) {
      if (error instanceof UserError && error.code === "hand-not-found") return false;
      throw error;
    }
  }

  /** Writes to one person. Throws what `Messages.send` does, and `too-many-messages`. */
  async send({ account, address }: Actor, username: string, text: string): Promise<void> {
    await this.#take(account);
    await this.messages.send(account, username, text);
    await this.#record(account, address, "message.send", username);
  }

  /** Writes to a section, or to everybody. Throws what `Messages.broadcast` does, and `too-many-messages`. */
  async broadcast({ account, address }: Actor, section: string | undefined, text: string): Promise<BroadcastResult> {
    await this.#take(account);
    const result = await this.messages.broadcast(account, section, text);
    await this.#options.audit.record({
      actor: account.username,
      address,
      action: "broadcast",
      subject: section,
      result: "ok",
      detail: { people: result.people },
    });
    return result;
  }

  /** A person's messages are read: in all of their windows, which are of this process as their session is. */
  seen(username: string): void {
    for (const seat of this.#seats) if (seat.username === username) seat.setRead();
  }

  /** Forgets what is too old, and what is too much. */
  async prune(): Promise<void> {
    await this.messages.pruneSurplus();
    if (!(await this.#options.mayRemove())) return;
    await this.hands.prune();
    await this.messages.prune();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#scope.close();
    await this.#work;
  }

  /** The trail says who wrote to whom, never what. */
  async #record(account: Account, address: string, action: string, subject: string): Promise<void> {
    await this.#options.audit.record({ actor: account.username, address, action, subject, result: "ok" });
  }

  async #take({ username, role }: Account): Promise<void> {
    const taken = await this.#options.limiter.take(username, role);
    if (taken.allowed) return;
    throw new UserError("too-many-messages", `too many messages; try again in ${Math.ceil(taken.retryAfterSeconds)} s`);
  }

  #notified(payload: string): void {
    if (payload === "hands") return this.#dueHands();
    const match = /^messages:(\d{1,15}):(\d{1,15})$/.exec(payload);
    if (match) this.#inTurn(() => this.#deliver(Number(match[1]), Number(match[2])));
  }

  #missed(): void {
    this.#dueHands();
    this.#inTurn(async () => {
      for (const seat of this.#seats) await seat.countUnread();
    });
  }

  /** Many changes at once are one look. */
  #dueHands(): void {
    if (this.#handsDue || this.#seats.size === 0) return;
    this.#handsDue = true;
    this.#inTurn(async () => {
      this.#handsDue = false;
      this.#known = await this.hands.list();
      for (const seat of this.#seats) seat.showHand(this.#handOf(seat));
    });
  }

  async #deliver(first: number, last: number): Promise<void> {
    const here = [...new Set([...this.#seats].map(({ username }) => username))];
    if (here.length === 0) return;
    for (const message of await this.messages.arrived(first, last, here)) {
      for (const seat of this.#seats) if (seat.username === message.recipient) seat.receive(message);
    }
  }

  #handOf({ username }: Seat): Hand | undefined {
    return this.#known.find((hand) => hand.username === username);
  }

  /** One after the other, so that a late answer can't overwrite a later one. Never throws; what an outage keeps back comes with the next connection. */
  #inTurn(work: () => Promise<void>): void {
    if (this.#scope.closed) return;
    this.#work = this.#work.then(work).catch((error: unknown) => {
      this.#handsDue = false;
      logBug(error, this.#options.log);
    });
  }
}
