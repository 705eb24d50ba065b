/** message, session message, broadcast, inbox */
import type { Message } from "../../classroom/messages.ts";
import { answer, type Command, type CommandContext, type Input, type Result } from "../command.ts";
import { seen } from "../reach.ts";
import { readText } from "../stdin.ts";
import { table } from "../table.ts";

/** Of standard input; a message itself is shorter. */
const mostBytes = 64 * 1024;

const rules = `Teachers write to their students and to each other; students to their teachers, and to whoever of the staff wrote to them.
Who is not here finds it at the next login. TEXT of - is read from standard input; at most 2000 characters, shown as text.`;

const send: Command = {
  name: "message",
  summary: "Write to somebody: a bar on their screen, kept in their inbox",
  arguments: "USER TEXT...",
  permission: "message.send",
  reach: { student: "own teachers", ta: "own sections" },
  json: true,
  shape: "{ username: text, sent: boolean }",
  details: rules,
  run: sendIt,
};

const sessionMessage: Command = { ...send, name: "session message", summary: "The same as message" };

const broadcast: Command = {
  name: "broadcast",
  summary: "Write to all of your students at once, or to a section",
  arguments: "TEXT...",
  permission: "broadcast",
  reach: seen,
  json: true,
  shape: "{ section: text | null, people: number, here: number }",
  options: { section: { type: "string", value: "SECTION", doc: "only this section" } },
  details: "Teaching assistants write to their own sections. Who is not here finds it at the next login.",
  async run(context, input) {
    const { services, account, address } = context;
    const section = input.text("section");
    const { people, here } = await services.classroom.broadcast({ account, address }, section, await textOf(context, input.arguments));
    return answer({ section: section ?? null, people, here }, `Sent to ${people} ${people === 1 ? "student" : "students"}, ${here} of them here now.\n`);
  },
};

const inbox: Command = {
  name: "inbox",
  summary: "Show the messages that you got, the newest first",
  permission: "message.send",
  json: true,
  shape: `{ id: number, sender: text, senderName: text, kind: "message" | "broadcast", text: text, sentAt: time, readAt: time | null }[]`,
  details: "At most 100. They count as read from then on.",
  async run({ services, account }) {
    const { messages } = services.classroom;
    const found = await messages.inbox(account.username);
    const [newest] = found;
    if (newest) await messages.markRead(account.username, newest.id);
    const rows = found.map(({ readAt, sentAt, sender, text }) => [readAt ? "" : "new", sentAt.toISOString().slice(0, 16).replace("T", " "), sender, text]);
    return answer(found.map(view), table(["", "SENT (UTC)", "FROM", "TEXT"], rows, "You have no messages."));
  },
};

async function sendIt(context: CommandContext, input: Input): Promise<Result> {
  const { services, account, address } = context;
  const [username = "", ...words] = input.arguments;
  await services.classroom.send({ account, address }, username, await textOf(context, words));
  return answer({ username, sent: true }, `Sent to ${username}.\n`);
}

async function textOf({ stdin }: CommandContext, words: readonly string[]): Promise<string> {
  return words.length === 1 && words[0] === "-" ? await readText(stdin, mostBytes) : words.join(" ");
}

function view({ id, sender, senderName, kind, text, sentAt, readAt }: Message): object {
  return { id, sender, senderName, kind, text, sentAt: sentAt.toISOString(), readAt: readAt?.toISOString() ?? null };
}

export const message: readonly Command[] = [send, sessionMessage, broadcast, inbox];
