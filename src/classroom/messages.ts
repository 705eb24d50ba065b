/**
 * Messages between teachers and students. They are stored, so that people find them at the next login, and bounded in
 * length, count and age. Only this file decides who may write to whom.
 */
import type { Account } from "../auth/account.ts";
import type { Accounts } from "../auth/accounts.ts";
import { teaches } from "../auth/teaching.ts";
import { people } from "../auth/users-table.ts";
import { UserError } from "../base/errors.ts";
import type { Database } from "../db/database.ts";
import { presence } from "./presence.ts";
import { messageText } from "./message-text.ts";

/** A stored message. */
export interface Message {
  readonly id: number;
  readonly recipient: string;
  readonly sender: string;
  /** The sender's full name; empty when unknown. */
  readonly senderName: string;
  readonly kind: "message" | "broadcast";
  readonly text: string;
  readonly sentAt: Date;
  /** When it was read; undefined while it is new. */
  readonly readAt: Date | undefined;
}

/** What messages are kept in, and for how long. */
export interface MessagesOptions {
  readonly database: Database;
  readonly accounts: Accounts;
  /** Days that a message is kept. */
  readonly days: number;
  /** Most messages kept for one person. */
  readonly kept: number;
}

/** The result of a broadcast. */
export interface BroadcastResult {
  /** The number of students who got it. */
  readonly people: number;
  /** How many of them are in the IDE now. */
  readonly here: number;
}

/** Somebody to whom a person may write. */
export interface Recipient {
  readonly username: string;
  readonly name: string;
  readonly section: string | undefined;
}

/** Most messages in the inbox. */
export const maxListed = 100;
const maxDelivered = 2000;
const columns = "m.id, m.recipient, m.sender, s.name AS sender_name, m.kind, m.text, m.sent_at, m.read_at";
const source = `messages m LEFT JOIN ${people} s ON s.username = m.sender`;

interface Row {
  readonly id: number;
  readonly recipient: string;
  readonly sender: string;
  readonly sender_name: string | null;
  readonly kind: Message["kind"];
  readonly text: string;
  readonly sent_at: Date;
  readonly read_at: Date | null;
}

/** The messages of the whole server. */
export class Messages {
  readonly #options: MessagesOptions;

  constructor(options: MessagesOptions) {
    this.#options = options;
  }

  /**
   * Sends a message to one person. Teachers write to their students and to each other; students to their teachers, and
   * to staff who have written to them. Throws `user-not-found`, `account-disabled`, `not-permitted`, `usage` (empty) or
   * `too-large`.
   */
  async send(sender: Account, username: string, text: string): Promise<void> {
    const clean = messageText(text);
    const recipient = await this.#recipient(sender, username);
    const { database, kept } = this.#options;
    await database.query(
      `WITH pruned AS (
         DELETE FROM messages WHERE recipient = $1 AND id <= (SELECT id FROM messages WHERE recipient = $1 ORDER BY id DESC OFFSET $4 LIMIT 1)),
       sent AS (INSERT INTO messages (recipient, sender, kind, text) VALUES ($1, $2, 'message', $3) RETURNING id)
       SELECT pg_notify('classh_classroom', 'messages:' || id || ':' || id) FROM sent`,
      [recipient.username, sender.username, clean, kept - 1],
    );
  }

  /**
   * Sends a message to every active student whom the sender teaches, or to one section. Throws `not-permitted`, and
   * `user-not-found` when there is nobody.
   */
  async broadcast(sender: Account, section: string | undefined, text: string): Promise<BroadcastResult> {
    const clean = messageText(text);
    const sections = this.#sections(sender, section);
    const [row] = await this.#options.database.query<{ people: number; here: number }>(
      `WITH sent AS (
         INSERT INTO messages (recipient, sender, kind, text)
         SELECT u.username, $1, 'broadcast', $2 FROM ${people} u
         WHERE u.role = 'student' AND u.state = 'active' AND ($3::text[] IS NULL OR u.section = ANY ($3)) ORDER BY u.username
         RETURNING id, recipient),
       counted AS (
         SELECT count(*) AS people, min(id) AS first, max(id) AS last, count(l.session) FILTER (WHERE l.state <> 'away') AS here
         FROM sent LEFT JOIN ${presence} l ON l.username = sent.recipient)
       SELECT people, here, CASE WHEN people > 0 THEN pg_notify('classh_classroom', 'messages:' || first || ':' || last)::text END FROM counted`,
      [sender.username, clean, sections ?? null],
    );
    if (!row || row.people === 0) {
      throw new UserError(
        "user-not-found",
        section === undefined ? "you have no students" : `there are no students in section ${JSON.stringify(section)}`,
        '"class list --offline" shows everybody.',
      );
    }
    return { people: row.people, here: row.here };
  }

  /** A person's messages, the newest first, at most 100. */
  async inbox(username: string): Promise<readonly Message[]> {
    const { database, days } = this.#options;
    const rows = await database.queryRepeatable<Row>(
      `SELECT ${columns} FROM ${source} WHERE m.recipient = $1 AND m.sent_at > clock_timestamp() - $2 * interval '1 day' ORDER BY m.id DESC LIMIT ${maxListed}`,
      [username, days],
    );
    return rows.map(messageOf);
  }

  /** The ids of a person's unread messages, the oldest first. */
  async unread(username: string): Promise<readonly number[]> {
    const { database, days } = this.#options;
    const rows = await database.queryRepeatable<{ id: number }>(
      `SELECT id FROM messages WHERE recipient = $1 AND read_at IS NULL AND sent_at > clock_timestamp() - $2 * interval '1 day'
       ORDER BY id DESC LIMIT ${maxDelivered}`,
      [username, days],
    );
    return rows.map(({ id }) => id).toReversed();
  }

  /** Marks everything up to a message as read. */
  async markRead(username: string, upTo: number): Promise<void> {
    await this.#options.database.query(
      "UPDATE messages SET read_at = clock_timestamp() WHERE recipient = $1 AND id <= $2 AND read_at IS NULL",
      [username, upTo],
    );
  }

  /** The messages for these people among a range of ids, the oldest first. */
  async arrived(first: number, last: number, usernames: readonly string[]): Promise<readonly Message[]> {
    const rows = await this.#options.database.queryRepeatable<Row>(
      `SELECT ${columns} FROM ${source} WHERE m.id BETWEEN $1 AND $2 AND m.recipient = ANY ($3) ORDER BY m.id LIMIT ${maxDelivered}`,
      [first, last, usernames],
    );
    return rows.map(messageOf);
  }

  /** Everybody to whom a person may write, by name. */
  async recipients(sender: Account): Promise<readonly Recipient[]> {
    const accounts = (await this.#options.accounts.list({ state: "active" })).filter(
      ({ username }) => username !== sender.username,
    );
    const wrote = sender.role === "student" ? await this.#correspondents(sender.username) : new Set<string>();
    return accounts
      .filter((account) => mayWrite(sender, account) || (account.role !== "student" && wrote.has(account.username)))
      .map(({ username, name, section }) => ({ username, name, section }));
  }

  /** The names of all sections that have students, in order. */
  async sections(): Promise<readonly string[]> {
    const rows = await this.#options.database.queryRepeatable<{ section: string }>(
      `SELECT DISTINCT section FROM ${people} u WHERE role = 'student' AND state = 'active' AND section IS NOT NULL ORDER BY section LIMIT 200`,
    );
    return rows.map(({ section }) => section);
  }

  /** Deletes old messages. */
  async prune(): Promise<void> {
    const { database, days } = this.#options;
    await database.query("DELETE FROM messages WHERE sent_at <= clock_timestamp() - $1 * interval '1 day'", [days]);
  }

  /** Deletes the oldest messages of people who have too many. */
  async pruneSurplus(): Promise<void> {
    const { database, kept } = this.#options;
    await database.query(
      `DELETE FROM messages m USING (SELECT id, row_number() OVER (PARTITION BY recipient ORDER BY id DESC) AS number FROM messages) n
       WHERE m.id = n.id AND n.number > $1`,
      [kept],
    );
  }

  async #recipient(sender: Account, username: string): Promise<Account> {
    const found = await this.#options.accounts.find(username);
    if (sender.role === "student") return await this.#teacherOf(sender, found);
    if (!found)
      throw new UserError(
        "user-not-found",
        `there is no account ${JSON.stringify(username.slice(0, 40))}`,
        '"class list" shows your students.',
      );
    if (found.username === sender.username)
      throw new UserError("usage", "you can't write to yourself", "Name somebody else.");
    if (!mayWrite(sender, found))
      throw new UserError("not-permitted", `you don't teach ${found.username}`, '"class list" shows your students.');
    refuseDisabled(found);
    return found;
  }

  /**
   * The teacher a student writes to. Everybody else gives the same error, so a student learns nothing about other
   * usernames.
   */
  async #teacherOf(student: Account, found: Account | undefined): Promise<Account> {
    const known =
      found &&
      found.role !== "student" &&
      (mayWrite(student, found) || (await this.#correspondents(student.username)).has(found.username));
    if (!found || !known) {
      throw new UserError(
        "not-permitted",
        "you can only write to your teachers",
        'To ask for help: "hand raise". In the IDE, Ctrl-P and "Write a message" lists your teachers.',
      );
    }
    refuseDisabled(found);
    return found;
  }

  async #correspondents(username: string): Promise<ReadonlySet<string>> {
    const { database, days } = this.#options;
    const rows = await database.queryRepeatable<{ sender: string }>(
      "SELECT DISTINCT sender FROM messages WHERE recipient = $1 AND sent_at > clock_timestamp() - $2 * interval '1 day'",
      [username, days],
    );
    return new Set(rows.map(({ sender }) => sender));
  }

  /** The sections for a broadcast; undefined for all. */
  #sections({ role, sections }: Account, section: string | undefined): readonly string[] | undefined {
    if (role !== "ta") return section === undefined ? undefined : [section];
    if (section === undefined) return sections;
    if (sections.includes(section)) return [section];
    throw new UserError(
      "not-permitted",
      `you don't teach section ${JSON.stringify(section.slice(0, 40))}`,
      `You teach: ${sections.join(", ") || "no section"}.`,
    );
  }
}

/**
 * Whether the sender may write to the recipient: students to the TAs and professors who teach them, staff to the people
 * they teach and to staff.
 */
function mayWrite(sender: Account, recipient: Account): boolean {
  if (sender.role === "student") return recipient.role !== "admin" && teaches(recipient, sender);
  return recipient.role !== "student" || teaches(sender, recipient);
}

function refuseDisabled({ username, state }: Account): void {
  if (state === "active") return;
  throw new UserError(
    "account-disabled",
    `the account ${username} is disabled, so nobody would read the message`,
    '"user enable" enables it.',
  );
}

function messageOf({ sender_name, sent_at, read_at, ...row }: Row): Message {
  return { ...row, senderName: sender_name ?? "", sentAt: sent_at, readAt: read_at ?? undefined };
}
