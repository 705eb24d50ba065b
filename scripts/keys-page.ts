/** docs/keys.md: every key, from the tables in src/commands/actions.ts and src/commands/keys/. */
import { actions, keysOf, type Action } from "../src/commands/actions.ts";
import {
  actionSections,
  classSections,
  dialogSections,
  paneSections,
  passingSections,
  reportSections,
  viewerSections,
  type KeySection,
} from "../src/commands/keys/key-contexts.ts";
import { anyOf, keyEntries } from "../src/commands/keys/key-entries.ts";

const introduction = `You need few of these: **F5** runs your program, **Ctrl-S** saves it, and **Ctrl-P** finds everything else by its name. F1 shows the keys while you work.

How keys are written: Ctrl-S means: hold Ctrl and press S. Ctrl-K Ctrl-S means: hold Ctrl and press K, then S; whether Ctrl is still down at the S does not
matter. Where several keys stand in a line they do the same, so that there is one which your terminal does not keep for itself.
`;

const parts: readonly { readonly title: string; readonly text: string; readonly sections: readonly KeySection[] }[] = [
  {
    title: "In one part of the screen",
    text: "These work where the cursor is, beside the commands above.",
    sections: paneSections,
  },
  {
    title: "In questions and windows",
    text: "What lies over the screen takes all keys until it is closed. In questions with buttons the underlined letter of a button chooses it.",
    sections: dialogSections,
  },
  { title: "Now and then", text: "", sections: passingSections },
  { title: "For teachers: the class view", text: "F9 opens it.", sections: classSections },
  {
    title: "For teachers: figures",
    text: "u and s in the class view open them, and their names in the palette.",
    sections: reportSections,
  },
  {
    title: "For teachers: in somebody else's session",
    text: "All other keys go to the session while you look around, help or drive, and nowhere while you watch.",
    sections: viewerSections,
  },
];

export function keysPage(note: string): string {
  return [
    `# Keys\n\n${note}${introduction}`,
    "## Commands\n\nEverything here is also in the palette (Ctrl-P), by its name.\n",
    ...actionSections.map((section) => actionTable(section)),
    ...parts.flatMap(({ title, text, sections }) => [
      `## ${title}\n${text === "" ? "" : `\n${text}\n`}`,
      ...sections.map(sectionTable),
    ]),
  ].join("\n");
}

function actionTable(section: Action["section"]): string {
  const rows = actions
    .filter((action) => action.section === section)
    .map((action) => row([anyOf(action.keys) || "(Ctrl-P)", action.title, placesOf(action)]));
  return table(section, ["keys", "what they do", "where"], rows);
}

/** "everywhere; in the console F5". */
function placesOf(action: Action): string {
  const inConsole = keysOf(action, "console");
  if (action.keys.length === 0 || inConsole.length === action.keys.length) return "everywhere";
  if (inConsole.length > 0) return `everywhere; in the console ${anyOf(inConsole)}`;
  return action.where.toSorted().join(", ");
}

function sectionTable({ title, contexts }: KeySection): string {
  const entries = contexts.flatMap(({ bindings }) => keyEntries(bindings));
  return table(
    title,
    ["keys", "what they do"],
    entries.map(({ keys, does }) => row([keys, does])),
  );
}

function table(title: string, heads: readonly string[], rows: readonly string[]): string {
  return `### ${title}\n\n${row(heads)}\n${row(heads.map(() => "---"))}\n${rows.join("\n")}\n`;
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}
