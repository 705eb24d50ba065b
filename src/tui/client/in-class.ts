/** Hands and messages on one screen: the bar, the facts in the header, the inbox, the questions. */
import { spokenName } from "../../auth/person-name.ts";
import { counted } from "../../base/counted.ts";
import type { Clock } from "../../base/clock.ts";
import { UserError } from "../../base/errors.ts";
import type { Scope } from "../../base/scope.ts";
import type { Hand } from "../../classroom/hands.ts";
import type { Seat } from "../../classroom/seat.ts";
import { maxNote, ordinal } from "../../classroom/message-text.ts";
import { askBroadcast, askMessage } from "../inbox/ask.ts";
import { barText, readInbox, unreadFact } from "../inbox/read-inbox.ts";
import type { Canvas } from "../../terminal/screen.ts";
import type { Dialogs } from "../parts/dialogs.ts";
import type { ActionRunner } from "../parts/action-runner.ts";
import { MessageBar } from "../parts/message-bar.ts";
import type { Notices } from "../parts/notices.ts";

/** What hands and messages need of their client. */
export interface InClassOptions {
  /** The person's seat; undefined in a rehearsal and for guests. */
  readonly seat: Seat | undefined;
  readonly scope: Scope;
  readonly screen: Canvas;
  readonly dialogs: Dialogs;
  readonly actionRunner: ActionRunner;
  readonly notices: Notices;
  readonly clock: Clock;
}

/** Hands and messages on one screen. Without a seat, the actions do nothing. */
export class InClass {
  readonly #options: InClassOptions;
  readonly #bar: MessageBar;
  #hand: Hand | undefined;
  #unread = 0;

  constructor(options: InClassOptions) {
    const { seat, scope, screen, clock } = options;
    this.#options = options;
    this.#bar = scope.own(
      new MessageBar({
        clock,
        unread: () => seat?.unread ?? 0,
        redraw: () => screen.invalidate(),
        open: () => this.openInbox(),
      }),
    );
    if (!seat) return;
    this.#hand = seat.hand;
    scope.own(seat.onChange(() => this.#changed(seat)));
    scope.own(seat.onMessage((message) => this.#bar.show(barText(message))));
    this.#changed(seat);
  }

  /** The bar for new messages: a layer above the panes and below the dialogs. */
  get bar(): MessageBar {
    return this.#bar;
  }

  /** Facts for the header: "▲ hand up, 2nd", "✉ 3". */
  get facts(): readonly string[] {
    const hand = this.#hand;
    const unread = unreadFact(this.#unread);
    if (!hand) return unread;
    return [
      hand.claimedBy
        ? `▲ ${spokenName(hand.claimedBy)} is coming`
        : `▲ hand up${hand.position === undefined ? "" : `, ${ordinal(hand.position)}`}`,
      ...unread,
    ];
  }

  /** Hides the bar, because Escape was pressed; the key goes on to the focus. */
  escaped(): void {
    this.#bar.hide();
  }

  /** Asks what the question is about and raises the hand, or lowers it. */
  toggleHand(): void {
    this.#run("hand", async (seat) => {
      if (seat.hand) return await this.#lower(seat);
      const note = await this.#options.dialogs.prompt({
        title: "Raise your hand",
        label: "What is it about? One line; you may leave it empty.",
        maxLength: maxNote,
      });
      if (note === undefined) return;
      const { position } = await seat.raise(note);
      this.#options.notices.show({
        kind: "success",
        text: `Your hand is up${position === undefined ? "" : `: you are ${ordinal(position)} in the queue`}. The same key lowers it.`,
      });
    });
  }

  /** Shows the inbox. */
  openInbox(): void {
    this.#run("inbox", async (seat) => {
      this.#bar.hide();
      const { dialogs, notices, clock } = this.#options;
      const told = await readInbox(dialogs, seat, clock.now());
      if (told !== undefined) notices.show({ kind: "success", text: told });
    });
  }

  /** Asks for a message to one person and sends it. */
  write(): void {
    this.#run("write", async (seat) => {
      const { dialogs, notices } = this.#options;
      const items = (await seat.recipients()).map(({ username, name, section }) => ({
        id: username,
        label: username,
        detail: [name, section ?? ""].filter((part) => part !== "").join(" · "),
      }));
      const item = await dialogs.pick({ title: "Message to whom?", items, empty: "There is nobody to write to." });
      const told = item && (await askMessage(dialogs, seat, item.id));
      if (told !== undefined) notices.show({ kind: "success", text: told });
    });
  }

  /** Asks for a message to the whole class and sends it. */
  broadcast(): void {
    this.#run("broadcast", async (seat) => {
      const told = await askBroadcast(this.#options.dialogs, seat);
      if (told !== undefined) this.#options.notices.show({ kind: "success", text: told });
    });
  }

  async #lower(seat: Seat): Promise<void> {
    // Cleared before others hear of it: the notice is about what this person did, not a teacher.
    this.#hand = undefined;
    await seat.lower();
    this.#options.notices.show({ kind: "info", text: "Your hand is down." });
  }

  #changed(seat: Seat): void {
    const before = this.#hand;
    this.#hand = seat.hand;
    const { claimedBy } = seat.hand ?? {};
    if (claimedBy && before?.claimedBy?.username !== claimedBy.username)
      this.#options.notices.show({ kind: "success", text: `${spokenName(claimedBy)} is coming to you.` });
    if (before && !seat.hand)
      this.#options.notices.show({ kind: "info", text: "Your hand is down: a teacher has answered it." });
    if (this.#unread === 0 && seat.unread > 0 && !this.#bar.shown)
      this.#bar.show(`You have ${counted(seat.unread, "new message")}.`);
    this.#unread = seat.unread;
    // The facts in the header have changed.
    this.#options.screen.invalidate();
  }

  #run(name: string, work: (seat: Seat) => Promise<void>): void {
    const { seat, actionRunner } = this.#options;
    actionRunner.run(name, async () => {
      if (!seat) throw new UserError("not-permitted", "that works only in your own session", "Go back to it first.");
      await work(seat);
    });
  }
}
