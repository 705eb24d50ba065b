/** A person's seat in the class while they have a screen: their hand, their unread messages, and what they may do. */
import type { Account } from "../auth/account.ts";
import type { Accounts } from "../auth/accounts.ts";
import { may, type Permission } from "../auth/roles.ts";
import { UserError } from "../base/errors.ts";
import { Emitter } from "../base/events.ts";
import type { Log } from "../base/log.ts";
import type { Actor } from "./actor.ts";
import type { Hand } from "./hands.ts";
import type { BroadcastResult, Message, Messages, Recipient } from "./messages.ts";
import type { LiveClass } from "./live-class.ts";

/** What a seat needs of its classroom. */
export interface SeatClassroom {
  readonly messages: Messages;
  readonly liveClass: LiveClass;
  raise(actor: Actor, note: string): Promise<Hand>;
  lower(actor: Actor): Promise<void>;
  claim(actor: Actor, username: string): Promise<Hand>;
  close(actor: Actor, username: string): Promise<void>;
  send(actor: Actor, username: string, text: string): Promise<void>;
  broadcast(actor: Actor, section: string | undefined, text: string): Promise<BroadcastResult>;
  /** Notes that the person has read everything, in all windows. */
  seen(username: string): void;
}

/** What a seat is made from. */
export interface SeatOptions {
  readonly actor: Actor;
  readonly classroom: SeatClassroom;
  readonly accounts: Accounts;
  readonly log: Log;
  /** Called when the seat is disposed. */
  readonly left: () => void;
  /** Has the person's hand looked for, and unread messages counted. */
  readonly catchUp: () => void;
}

/** Most ids of shown messages that are remembered, so that none is shown twice. */
const maxRemembered = 200;

/** The seat of one terminal. */
export class Seat implements Disposable {
  readonly #options: SeatOptions;
  readonly #changed = new Emitter<void>();
  readonly #received = new Emitter<Message>();
  readonly #shown = new Set<number>();
  #hand: Hand | undefined;
  #unread: ReadonlySet<number> = new Set();
  #counted = false;

  constructor(options: SeatOptions) {
    this.#options = options;
  }

  get username(): string {
    return this.#options.actor.account.username;
  }

  /** The account as of the login; permissions are checked anew each time. */
  get account(): Account {
    return this.#options.actor.account;
  }

  /** Looks for the person's hand and earlier messages; to be called once there is something on the screen. */
  catchUp(): void {
    this.#options.catchUp();
  }

  /** The person's own hand; undefined while it is down. */
  get hand(): Hand | undefined {
    return this.#hand;
  }

  /** The number of unread messages. */
  get unread(): number {
    return this.#unread.size;
  }

  /** Fires when `hand` or `unread` has changed. */
  get onChange() {
    return this.#changed.on;
  }

  /** Fires with each message that arrives. */
  get onMessage() {
    return this.#received.on;
  }

  /** The state of the class. */
  get liveClass(): LiveClass {
    return this.#options.classroom.liveClass;
  }

  /** The account as it is now. Throws `account-disabled`, or `not-permitted` without this permission. */
  async fresh(permission: Permission): Promise<Account> {
    const account = await this.#options.accounts.get(this.username);
    if (account.state === "disabled")
      throw new UserError("account-disabled", "this account is disabled", "Ask your teacher to enable it.");
    if (!may(account.role, permission))
      throw new UserError(
        "not-permitted",
        `your role (${account.role}) does not allow that`,
        '"help" lists what you may do.',
      );
    return account;
  }

  /** See `Classroom.raise`. */
  async raise(note: string): Promise<Hand> {
    const hand = await this.#options.classroom.raise(await this.#actor("session"), note);
    this.showHand(hand);
    return hand;
  }

  /** See `Classroom.lower`. */
  async lower(): Promise<void> {
    await this.#options.classroom.lower(await this.#actor("session"));
    this.showHand(undefined);
  }

  /** See `Classroom.claim`. */
  async claim(username: string): Promise<void> {
    await this.#options.classroom.claim(await this.#actor("hand.manage"), username);
    this.liveClass.refresh();
  }

  /** See `Classroom.close`. */
  async closeHand(username: string): Promise<void> {
    await this.#options.classroom.close(await this.#actor("hand.manage"), username);
    this.liveClass.refresh();
  }

  /** See `Classroom.send`. */
  async send(username: string, text: string): Promise<void> {
    await this.#options.classroom.send(await this.#actor("message.send"), username, text);
  }

  /** See `Classroom.broadcast`. */
  async broadcast(section: string | undefined, text: string): Promise<BroadcastResult> {
    return await this.#options.classroom.broadcast(await this.#actor("broadcast"), section, text);
  }

  /** Everybody to whom the person may write, by name. */
  async recipients(): Promise<readonly Recipient[]> {
    return await this.#options.classroom.messages.recipients(await this.fresh("message.send"));
  }

  /** The names of the sections that the person teaches, in order. */
  async sections(): Promise<readonly string[]> {
    const account = await this.fresh("broadcast");
    return account.role === "ta" ? account.sections : await this.#options.classroom.messages.sections();
  }

  /** The person's messages, the newest first; they count as read from now on. */
  async openInbox(): Promise<readonly Message[]> {
    const { messages } = this.#options.classroom;
    const found = await messages.inbox(this.username);
    const [newest] = found;
    if (newest) await messages.markRead(this.username, newest.id);
    this.#options.classroom.seen(this.username);
    return found;
  }

  /** Notes that the inbox was opened in some window; called by the classroom. */
  setRead(): void {
    this.#setUnread([]);
  }

  /** Takes the person's own hand; called by the classroom. */
  showHand(hand: Hand | undefined): void {
    if (sameHand(hand, this.#hand)) return;
    this.#hand = hand;
    this.#changed.emit();
  }

  /** Takes a message that has arrived; called by the classroom. */
  receive(message: Message): void {
    if (this.#shown.has(message.id)) return;
    this.#shown.add(message.id);
    const [oldest] = this.#shown;
    if (this.#shown.size > maxRemembered && oldest !== undefined) this.#shown.delete(oldest);
    this.#setUnread([...this.#unread, message.id]);
    this.#received.emit(message);
  }

  /**
   * Counts the unread messages, and shows those that were missed; called by the classroom at first and after an outage.
   */
  async countUnread(): Promise<void> {
    const { messages } = this.#options.classroom;
    const unread = await messages.unread(this.username);
    const missed = this.#counted ? unread.filter((id) => !this.#unread.has(id)) : [];
    this.#counted = true;
    this.#setUnread(unread);
    const [first] = missed;
    if (first === undefined) return;
    for (const message of await messages.arrived(first, missed.at(-1) ?? first, [this.username])) this.receive(message);
  }

  [Symbol.dispose](): void {
    this.#options.left();
  }

  async #actor(permission: Permission): Promise<Actor> {
    return { account: await this.fresh(permission), address: this.#options.actor.address };
  }

  #setUnread(ids: readonly number[]): void {
    const before = this.#unread.size;
    this.#unread = new Set(ids);
    if (this.#unread.size !== before) this.#changed.emit();
  }
}

function sameHand(a: Hand | undefined, b: Hand | undefined): boolean {
  return (
    a?.position === b?.position &&
    a?.note === b?.note &&
    a?.claimedBy?.username === b?.claimedBy?.username &&
    (a === undefined) === (b === undefined)
  );
}
