/** The messages that a person got, on any of their screens: how many are new, the inbox, and an answer from there. */
import { spokenName } from "../../auth/person-name.ts";
import type { Message } from "../../classroom/messages.ts";
import type { Seat } from "../../classroom/seat.ts";
import type { Dialogs } from "../parts/dialogs.ts";
import { timeOfDay } from "../parts/times.ts";
import { Inbox, type InboxEntry } from "../views/inbox.ts";
import { askMessage } from "./ask.ts";

interface Entry extends InboxEntry {
  readonly sender: string;
}

/** Shows the inbox, and lets the person answer; what they are told afterwards, or undefined when they wrote nothing. `now` in milliseconds since the epoch. */
export async function readInbox(dialogs: Dialogs, seat: Seat, now: number): Promise<string | undefined> {
  const entries = (await seat.openInbox()).map((message) => entryOf(message, now));
  const reply = await dialogs.show<Entry | undefined>(undefined, (onClose) => new Inbox<Entry>({ entries, onClose }));
  return reply && (await askMessage(dialogs, seat, reply.sender));
}

/** For the header: "✉ 3", or nothing. */
export function unreadFact(unread: number): readonly string[] {
  return unread > 0 ? [`✉ ${unread}`] : [];
}

/** A message that has just come, as the bar shows it: code begins on a line of its own, so that its lines stand under each other. */
export function barText(message: Pick<Message, "senderName" | "sender" | "text">): string {
  return `${nameOf(message)}:${message.text.includes("\n") ? "\n" : " "}${message.text}`;
}

/** Whom a message is from, as people say it. */
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

/** "11-21", in the server's time zone. */
function monthDay(date: Date): string {
  return `${String(date.getMonth() + 1).padStart(2, "0")}-${String(date.getDate()).padStart(2, "0")}`;
}
