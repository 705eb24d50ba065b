/**
 * Theory of operation: hands and messages are in the database, and whoever changes them notifies one channel with an
 * id. Each process listens there with one connection, and reads what concerns the people who have a screen in it (their
 * seats). Notifications missed while the connection was down are made up for when it is back: all hands are read, and
 * unread messages again.
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

/** What a classroom is made from. */
export interface ClassroomOptions {
  readonly database: Database;
  readonly url: string;
  readonly accounts: Accounts;
  readonly audit: Audit;
  readonly settings: Settings["classroom"];
  /** The limiter of messages and raised hands per minute, by username and role. */
  readonly limiter: Limiter;
  /** Whether the clock is trusted: old messages are deleted only then. */
  readonly mayRemove: () => Promise<boolean>;
  readonly clock: Clock;
  readonly log: Log;
}

/** A rate limiter, as in limits/shared-rate.ts. */
export interface Limiter {
  take(key: string, kind?: string): Promise<{ readonly allowed: boolean; readonly retryAfterSeconds: number }>;
}

const channel = "classh_classroom";
const listenSeconds = 10;
const pruneMs = 600_000;

/** The hands, the messages and the state of the class, for this process. */
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

  /** Whether notifications of other processes arrive now. */
  get listening(): boolean {
    return this.#listener.connected;
  }

  /** A person's seat in the class, for as long as they have a screen here. It knows of nothing earlier before `catchUp`. */
  sit(actor: Actor): Seat {
    const seat: Seat = new Seat({
      actor,
      classroom: this,
      accounts: this.#options.accounts,
      log: this.#options.log,
      left: () => this.#seats.delete(seat),
      catchUp: () => {
        this.#dueHands();
        this.#inTurn(() => seat.countUnread());
      },
    });
    this.#seats.add(seat);
    seat.showHand(this.#handOf(seat));
    return seat;
  }

  /** Raises a student's hand. Throws what `Hands.raise` throws, and `too-many-messages`. */
  async raise({ account, address }: Actor, note: string): Promise<Hand> {
    await this.#take(account);
    const hand = await this.hands.raise(account, note);
    await this.#record(account, address, "hand.raise", account.username);
    return hand;
  }

  /** Lowers a person's own hand. Throws `hand-not-found`. */
  async lower({ account, address }: Actor): Promise<void> {
    await this.hands.lower(account);
    await this.#record(account, address, "hand.lower", account.username);
  }

  /** Claims a student's hand for a teacher. Throws what `Hands.claim` throws. */
  async claim({ account, address }: Actor, username: string): Promise<Hand> {
    const hand = await this.hands.claim(account, username);
    await this.#record(account, address, "hand.claim", username);
    return hand;
  }

  /** Closes a student's hand, as answered. Throws what `Hands.close` throws. */
  async close({ account, address }: Actor, username: string): Promise<void> {
    await this.hands.close(account, username);
    await this.#record(account, address, "hand.close", username);
  }

  /** Like `close`, but false when the hand is down already. */
  async closeIfUp(actor: Actor, username: string): Promise<boolean> {
    try {
      await this.close(actor, username);
      return true;
    } catch (error) {
      if (error instanceof UserError && error.code === "hand-not-found") return false;
      throw error;
    }
  }

  /** Sends a message to one person. Throws what `Messages.send` throws, and `too-many-messages`. */
  async send({ account, address }: Actor, username: string, text: string): Promise<void> {
    await this.#take(account);
    await this.messages.send(account, username, text);
    await this.#record(account, address, "message.send", username);
  }

  /**
   * Sends a message to a section, or to everybody. Throws what `Messages.broadcast` throws, and `too-many-messages`.
   */
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

  /**
   * Notes that a person has read all messages, in all of their windows: these are in this process, as their session is.
   */
  seen(username: string): void {
    for (const seat of this.#seats) if (seat.username === username) seat.setRead();
  }

  /** Deletes messages that are too old or too many, and old hands. */
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

  /** The audit trail says who wrote to whom, never what. */
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

  /** Reads the hands once for many changes that come together. */
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

  /**
   * Runs work one after the other, so that a late answer can't overwrite a later one. Never throws; what an outage
   * prevents comes with the next connection.
   */
  #inTurn(work: () => Promise<void>): void {
    if (this.#scope.closed) return;
    this.#work = this.#work.then(work).catch((error: unknown) => {
      this.#handsDue = false;
      logBug(error, this.#options.log);
    });
  }
}
