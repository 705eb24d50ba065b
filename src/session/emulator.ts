/**
 * The terminal that students' programs write to. xterm.js obeys whatever it reads, on the thread that everybody's keystrokes wait for.
 * Seen with 6.0.0: `ESC [ 2147483647 L`, 13 bytes, keeps it busy for half an hour; a letter with a million accents, or a link for each
 * letter, grows without bound. So what no honest program asks for is passed over here. Sequences that are only slow are a matter of
 * time, not of form: see emulator-feed.ts.
 */
import { Unicode11Addon } from "@xterm/addon-unicode11";
import xterm, { type IUnicodeVersionProvider } from "@xterm/headless";
import type { TerminalSize } from "../base/terminal.ts";

/** Lines kept above the visible part; 500 full lines cost under 1 MB. */
const scrollback = 500;
/** A sequence that wants to do something more often than this is passed over: the largest screen has 500 columns. */
const mostRepeats = 1000;
/** Sequences that xterm.js obeys in a loop of as many rounds as their number says: tab, insert and delete lines, scroll, repeat. */
const repeating = ["I", "L", "M", "S", "T", "Z", "b"] as const;
/** Titles and links are shown nowhere, and xterm.js keeps them. */
const unusedCommands = [0, 1, 2, 8] as const;
/** Marks on one letter; the next one gets a cell of its own. Languages need a handful. */
const mostMarks = 16;

export type Emulator = xterm.Terminal;

export function createEmulator({ columns, rows }: TerminalSize): Emulator {
  const emulator = new xterm.Terminal({ cols: columns, rows, scrollback, allowProposedApi: true, convertEol: false });
  for (const final of repeating) {
    // True: handled, xterm.js does not see it.
    emulator.parser.registerCsiHandler({ final }, (parameters) => parameters.some((value) => typeof value === "number" && value > mostRepeats));
  }
  for (const command of unusedCommands) emulator.parser.registerOscHandler(command, () => true);
  const widths = boundedMarks(unicode11());
  emulator.unicode.register(widths);
  emulator.unicode.activeVersion = widths.version;
  return emulator;
}

/** The addon hands its table only to a terminal. */
function unicode11(): IUnicodeVersionProvider {
  let provider: IUnicodeVersionProvider | undefined;
  const taker = { unicode: { register: (given: IUnicodeVersionProvider) => void (provider = given) } };
  new Unicode11Addon().activate(taker as unknown as xterm.Terminal);
  if (!provider) throw new Error("the Unicode addon registered nothing");
  return provider;
}

/** The properties of a character are, from the lowest bit: joins the one before (1), width (2), the provider's own state: here the count of marks. */
const stateShift = 3;
const ownCell = 1 << 1;

function boundedMarks(base: IUnicodeVersionProvider): IUnicodeVersionProvider {
  return {
    version: `${base.version}-bounded`,
    wcwidth: (codepoint) => base.wcwidth(codepoint),
    charProperties(codepoint, preceding) {
      const properties = base.charProperties(codepoint, preceding);
      if ((properties & 1) === 0) return properties;
      const marks = (preceding >> stateShift) + 1;
      return marks > mostMarks ? ownCell : properties | (marks << stateShift);
    },
  };
}
