/** A person's messages, as all screens show them: how many are new, the inbox, and an answer from there. */
import { spokenName } from "../../auth/person-name.ts";
import type { Message } from "../../classroom/messages.ts";
import type { Seat } from "../../classroom/seat.ts";
import type { Dialogs } from "../parts/dialogs.ts";
import { timeOfDay } from "../../base/time-text.ts";
import { Inbox, type InboxEntry } from "../views/inbox.ts";
import { askMessage } from "./ask.ts";

interface Entry extends InboxEntry {
  readonly sender: string;
}

/**
 * Shows the inbox and lets the person answer. Resolves with the sentence for the person, undefined when no answer was
 * sent. `now` is in milliseconds since the epoch.
 */
export async function readInbox(dialogs: Dialogs, seat: Seat, now: number): Promise<string | undefined> {
  const entries = (await seat.openInbox()).map((message) => entryOf(message, now));
  const reply = await dialogs.show<Entry | undefined>(undefined, (onClose) => new Inbox<Entry>({ entries, onClose }));
  return reply && (await askMessage(dialogs, seat, reply.sender));
}

/** The header's fact about unread messages: "✉ 3", or nothing. */
export function unreadFact(unread: number): readonly string[] {
  return unread > 0 ? [`✉ ${unread}`] : [];
}

/** The text of a new message in the bar. Code begins on a line of its own, so that its lines are aligned. */
export function barText(message: Pick<Message, "senderName" | "sender" | "text">): string {
  return `${nameOf(message)}:${message.text.includes("\n") ? "\n" : " "}${message.text}`;
}

/** The sender's name in a sentence. */
function nameOf({ senderName, sender }: Pick<Message, "senderName" | "sender">): string {
  return spokenName({ username: sender, name: senderName });
}

function entryOf({ id, sender, senderName, sentAt, readAt, text, kind }: Message, now: number): Entry {
  const time = timeOfDay(sentAt.getTime());
  const today = new Date(now).toDateString() === sentAt.toDateString();
  return {
    id,
    sender,
    from: nameOf({ sender, senderName }),
    toAll: kind === "broadcast",
    time: today ? time : `${monthDay(sentAt)} ${time}`,
    text,
    isNew: readAt === undefined,
  };
}

/** A date as "11-21", in the server's time zone. */
function monthDay(date: Date): string {
  return `${String(date.getMonth() + 1).padStart(2, "0")}-${String(date.getDate()).padStart(2, "0")}`;
}
