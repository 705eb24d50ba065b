/** One person's place in the class while they have a screen: their hand, their unread messages, and what they may do. */
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

/** What a seat needs of the classroom that it is in. */
export interface SeatClassroom {
  readonly messages: Messages;
  readonly liveClass: LiveClass;
  raise(actor: Actor, note: string): Promise<Hand>;
  lower(actor: Actor): Promise<void>;
  claim(actor: Actor, username: string): Promise<Hand>;
  close(actor: Actor, username: string): Promise<void>;
  send(actor: Actor, username: string, text: string): Promise<void>;
  broadcast(actor: Actor, section: string | undefined, text: string): Promise<BroadcastResult>;
  /** The person has read everything, in whichever window. */
  seen(username: string): void;
}

export interface SeatOptions {
  readonly actor: Actor;
  readonly classroom: SeatClassroom;
  readonly accounts: Accounts;
  readonly log: Log;
  readonly left: () => void;
}

/** Ids of messages that were shown, so that none is shown twice. */
const maxRemembered = 200;

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

  /** As of the login; what somebody may do is asked again each time. */
  get account(): Account {
    return this.#options.actor.account;
  }

  /** This person's own hand, while it is up. */
  get hand(): Hand | undefined {
    return this.#hand;
  }

  get unread(): number {
    return this.#unread.size;
  }

  /** `hand` or `unread` is different now. */
  get onChange() {
    return this.#changed.on;
  }

  /** A message has just come. */
  get onMessage() {
    return this.#received.on;
  }

  get liveClass(): LiveClass {
    return this.#options.classroom.liveClass;
  }

  /** The account as it is now. Throws `account-disabled`, or `not-permitted` when a role was taken away meanwhile. */
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

  async raise(note: string): Promise<Hand> {
    const hand = await this.#options.classroom.raise(await this.#actor("session"), note);
    this.showHand(hand);
    return hand;
  }

  async lower(): Promise<void> {
    await this.#options.classroom.lower(await this.#actor("session"));
    this.showHand(undefined);
  }

  async claim(username: string): Promise<void> {
    await this.#options.classroom.claim(await this.#actor("hand.manage"), username);
    this.liveClass.refresh();
  }

  async closeHand(username: string): Promise<void> {
    await this.#options.classroom.close(await this.#actor("hand.manage"), username);
    this.liveClass.refresh();
  }

  async send(username: string, text: string): Promise<void> {
    await this.#options.classroom.send(await this.#actor("message.send"), username, text);
  }

  async broadcast(section: string | undefined, text: string): Promise<BroadcastResult> {
    return await this.#options.classroom.broadcast(await this.#actor("broadcast"), section, text);
  }

  async recipients(): Promise<readonly Recipient[]> {
    return await this.#options.classroom.messages.recipients(await this.fresh("message.send"));
  }

  /** The sections that the person teaches, by name. */
  async sections(): Promise<readonly string[]> {
    const account = await this.fresh("broadcast");
    return account.role === "ta" ? account.sections : await this.#options.classroom.messages.sections();
  }

  /** The newest messages first; they count as read from now on. */
  async openInbox(): Promise<readonly Message[]> {
    const { messages } = this.#options.classroom;
    const found = await messages.inbox(this.username);
    const [newest] = found;
    if (newest) await messages.markRead(this.username, newest.id);
    this.#options.classroom.seen(this.username);
    return found;
  }

  /** Called by the classroom: the inbox was opened in some window. */
  setRead(): void {
    this.#setUnread([]);
  }

  /** Called by the classroom. */
  showHand(hand: Hand | undefined): void {
    if (sameHand(hand, this.#hand)) return;
    this.#hand = hand;
    this.#changed.emit();
  }

  /** Called by the classroom. */
  receive(message: Message): void {
    if (this.#shown.has(message.id)) return;
    this.#shown.add(message.id);
    const [oldest] = this.#shown;
    if (this.#shown.size > maxRemembered && oldest !== undefined) this.#shown.delete(oldest);
    this.#setUnread([...this.#unread, message.id]);
    this.#received.emit(message);
  }

  /** Called by the classroom: at the beginning, and after a time in which messages may have been missed, which are shown now. */
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
