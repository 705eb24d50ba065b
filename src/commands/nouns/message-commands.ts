/** message, session message, broadcast, inbox */
import { minuteText } from "../../base/time-text.ts";
import { may } from "../../auth/roles.ts";
import { counted } from "../../base/counted.ts";
import { UserError } from "../../base/errors.ts";
import type { Message } from "../../classroom/messages.ts";
import { answer, type Command, type CommandContext, type Input, type Result } from "../command.ts";
import { seen } from "../reach.ts";
import { readText } from "../stdin.ts";
import { table } from "../table.ts";

/** Most bytes read from standard input; a message itself is shorter. */
const maxBytes = 64 * 1024;

const rules = `Teachers write to their students and to each other; students write to their teachers, and to staff who wrote to them.
Somebody who is not logged in finds the message at the next login. A TEXT of - is read from standard input, lines and indentation \
included:
  message ada - < hint.py
At most 2000 characters and 100 lines, shown as text.`;

const send: Command = {
  name: "message",
  summary: "Write to somebody: it appears on their screen and is kept in their inbox",
  arguments: "[USER] TEXT...",
  options: {
    section: {
      type: "string",
      value: "SECTION",
      doc: "instead of USER: write to all students of this section, as broadcast does",
    },
  },
  permission: "message.send",
  reach: { student: "own teachers", ta: "own sections" },
  json: true,
  shape: "{ username: text, sent: boolean } | { section: text | null, people: number, here: number }",
  details: rules,
  run: sendIt,
};

const sessionMessage: Command = { ...send, name: "session message", summary: "The same as message" };

const broadcast: Command = {
  name: "broadcast",
  summary: "Write to all your students at once, or to a section",
  arguments: "TEXT...",
  permission: "broadcast",
  reach: seen,
  json: true,
  shape: "{ section: text | null, people: number, here: number }",
  options: { section: { type: "string", value: "SECTION", doc: "only this section" } },
  details:
    "Teaching assistants write to their own sections. Those who are not logged in find the message at the next login.",
  run: (context, input) => sendToMany(context, input.text("section"), input.arguments),
};

async function sendToMany(
  context: CommandContext,
  section: string | undefined,
  words: readonly string[],
): Promise<Result> {
  const { services, account, address } = context;
  if (!may(account.role, "broadcast"))
    throw new UserError("not-permitted", "only teachers can write to a section", 'To ask for help: "hand raise".');
  const { people, here } = await services.classroom.broadcast(
    { account, address },
    section,
    await textOf(context, words),
  );
  return answer(
    { section: section ?? null, people, here },
    `Sent to ${counted(people, "student")}; ${here} of them logged in now.\n`,
  );
}

const inbox: Command = {
  name: "inbox",
  summary: "Show the messages you have received, newest first",
  permission: "message.send",
  json: true,
  shape: `{ id: number, sender: text, senderName: text, kind: "message" | "broadcast", text: text, sentAt: time, readAt: time | null }[]`,
  details: "The newest 100 at most. They then count as read.",
  async run({ services, account }) {
    const { messages } = services.classroom;
    const found = await messages.inbox(account.username);
    const [newest] = found;
    if (newest) await messages.markRead(account.username, newest.id);
    const rows = found.flatMap(({ readAt, sentAt, sender, text }) => {
      const [first = "", ...more] = text.split("\n");
      return [[readAt ? "" : "new", minuteText(sentAt), sender, first], ...more.map((line) => ["", "", "", line])];
    });
    return answer(found.map(view), table(["", "SENT", "FROM", "TEXT"], rows, "You have no messages."));
  },
};

async function sendIt(context: CommandContext, input: Input): Promise<Result> {
  const { services, account, address } = context;
  const section = input.text("section");
  if (section !== undefined) return await sendToMany(context, section, input.arguments);
  const [username = "", ...words] = input.arguments;
  if (words.length === 0)
    throw new UserError(
      "usage",
      "TEXT... is missing",
      "Usage: message USER TEXT..., or message --section SECTION TEXT...",
    );
  await services.classroom.send({ account, address }, username, await textOf(context, words));
  return answer({ username, sent: true }, `Sent to ${username}.\n`);
}

async function textOf({ stdin }: CommandContext, words: readonly string[]): Promise<string> {
  return words.length === 1 && words[0] === "-" ? await readText(stdin, maxBytes) : words.join(" ");
}

function view({ id, sender, senderName, kind, text, sentAt, readAt }: Message): object {
  return { id, sender, senderName, kind, text, sentAt: sentAt.toISOString(), readAt: readAt?.toISOString() ?? null };
}

/** The commands about messages. */
export const messageCommands: readonly Command[] = [send, sessionMessage, broadcast, inbox];
