/** What is switched on in a person's terminal while our screen is shown, and how all of it is undone. */
import { UserError } from "../base/errors.ts";

/** TERM values of things that cannot place a cursor. */
const withoutScreen = /^(|dumb|unknown|network|printer|emacs)$/;

/** Throws UserError "no-terminal" unless a terminal of this type can show a screen. */
export function requireScreen(term: string): void {
  if (!withoutScreen.test(term)) return;
  throw new UserError(
    "no-terminal",
    'the editor needs a full terminal, but this connection has none, or only a "dumb" one',
    'Connect with "ssh -t" (if your terminal can do more than it says, with "TERM=xterm-256color ssh ..."), or run a program without the editor: "ssh ... run FILE".',
  );
}

export interface TerminalModes {
  /** Saves the person's screen and switches on what we use. */
  readonly enter: string;
  /** Undoes it; the person's screen is as it was. */
  readonly leave: string;
  /** True when the terminal has a window title and a clipboard. */
  readonly hasWindow: boolean;
}

// Sources: xterm's ctlseqs; console_codes(4). Private modes that a terminal does not know are ignored by all in use;
// window operations and OSC strings are not ignored by the Linux console and hardware terminals, so these get none.
const modes: readonly (readonly [on: string, off: string])[] = [
  ["\x1b[?7l", "\x1b[?7h"], // no automatic wrapping
  ["\x1b[?1l\x1b>", ""], // cursor keys and keypad in their normal mode
  ["\x1b[?2004h", "\x1b[?2004l"], // bracketed paste
  ["\x1b[?1004h", "\x1b[?1004l"], // focus reports
  ["\x1b[?1000h\x1b[?1002h\x1b[?1006h", "\x1b[?1006l\x1b[?1002l\x1b[?1000l"], // mouse: clicks, drags, in decimal
];

const saveTitle = "\x1b[22;2t";
const restoreTitle = "\x1b[23;2t";
const askBackground = "\x1b]11;?\x1b\\";
const clear = "\x1b[m\x1b[H\x1b[2J";

export function terminalModes(term: string): TerminalModes {
  const hasWindow = !/^(linux|vt\d|cons\d|ansi|sun)/.test(term);
  const on = modes.map(([sequence]) => sequence).join("");
  const off = modes
    .map(([, sequence]) => sequence)
    .toReversed()
    .join("");
  const quiet = "\x1b[?2026l\x1b[m";
  const enter = "\x1b[?1049h" + (hasWindow ? saveTitle : "") + on + (hasWindow ? askBackground : "");
  // Without an alternate screen, what we drew would stay: such terminals are cleared.
  const leave = quiet + off + (hasWindow ? restoreTitle : clear) + "\x1b[?25h\x1b[?1049l";
  return { enter, leave, hasWindow };
}

/** Sets the window's title; control characters of a file's name must not reach the terminal. */
export function titleSequence(title: string): string {
  return `\x1b]2;${title.replace(/[\0-\x1f\x7f-\x9f]/g, "").slice(0, 200)}\x07`;
}

/** Bytes that terminals commonly take for the clipboard. */
const maxCopy = 74_994;

/** Puts text on the clipboard (OSC 52); undefined when it is too long. */
export function copySequence(text: string): string | undefined {
  const encoded = Buffer.from(text).toString("base64");
  return encoded.length > maxCopy ? undefined : `\x1b]52;c;${encoded}\x07`;
}
