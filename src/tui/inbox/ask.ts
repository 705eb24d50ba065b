/**
 * Questions for the text of a message, which is then sent. Each resolves with the sentence for the person; undefined
 * when the person cancels.
 */
import { maxMessage } from "../../classroom/message-text.ts";
import type { Seat } from "../../classroom/seat.ts";
import { counted } from "../../base/counted.ts";
import type { Dialogs } from "../parts/dialogs.ts";

/** Asks for a message to one person, and sends it. */
export async function askMessage(dialogs: Dialogs, seat: Seat, username: string): Promise<string | undefined> {
  const text = await prompt(dialogs, `Message to ${username}`, "It appears on their screen, and stays in their inbox.");
  if (text === undefined) return undefined;
  await seat.send(username, text);
  return `Sent to ${username}.`;
}

/** Asks for a message to everybody whom the person teaches, or to one section of several, and sends it. */
export async function askBroadcast(dialogs: Dialogs, seat: Seat): Promise<string | undefined> {
  const choice = await chooseSection(dialogs, await seat.sections());
  if (!choice) return undefined;
  const { section } = choice;
  const text = await prompt(
    dialogs,
    section === undefined ? "To all of your students" : `To section ${section}`,
    "It appears on every screen, and stays in the inboxes.",
  );
  if (text === undefined) return undefined;
  const { people, here } = await seat.broadcast(section, text);
  return `Sent to ${counted(people, "student")}; ${here} of them logged in now.`;
}

async function chooseSection(
  dialogs: Dialogs,
  sections: readonly string[],
): Promise<{ readonly section: string | undefined } | undefined> {
  if (sections.length < 2) return { section: undefined };
  const items = [
    { id: "", label: "All of my students" },
    ...sections.map((name) => ({ id: name, label: `Section ${name}` })),
  ];
  const item = await dialogs.pick({ title: "Broadcast to whom?", items, empty: "" });
  return item && { section: item.id === "" ? undefined : item.id };
}

function prompt(dialogs: Dialogs, title: string, label: string): Promise<string | undefined> {
  return dialogs.prompt({
    title,
    label,
    maxLength: maxMessage,
    multiline: true,
    check: (value) => (value.trim() === "" ? "Write something, or press Esc." : undefined),
  });
}
