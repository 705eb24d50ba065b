/**
 * The bytes that the console's program gets for a key. Terminals encode keys differently (CSI-u, modifyOtherKeys,
 * rxvt), and Python's line editor knows only xterm's old encoding: keys with a name are encoded anew, all others are
 * passed on as they came.
 */
import type { KeyEvent } from "../../terminal/input/event.ts";

const named: Readonly<Record<string, string>> = {
  Enter: "\r",
  Tab: "\t",
  Backspace: "\x7f",
  Escape: "\x1b",
  Delete: "\x1b[3~",
  Insert: "\x1b[2~",
  PageUp: "\x1b[5~",
  PageDown: "\x1b[6~",
  "Shift-Tab": "\x1b[Z",
  "Ctrl-Left": "\x1b[1;5D",
  "Ctrl-Right": "\x1b[1;5C",
  "Ctrl-Up": "\x1b[1;5A",
  "Ctrl-Down": "\x1b[1;5B",
  "Ctrl-Delete": "\x1b[3;5~",
  "Ctrl-Backspace": "\x17",
  "Alt-Backspace": "\x1b\x7f",
  "Shift-Enter": "\r",
  "Ctrl-Enter": "\r",
  "Ctrl-Space": "\0",
  "Ctrl-/": "\x1f",
};

/** Keys with bytes that depend on the cursor key mode of the program. */
const cursorKeys: Readonly<Record<string, string>> = { Up: "A", Down: "B", Right: "C", Left: "D", Home: "H", End: "F" };

/** The bytes of a key. `applicationCursor` is the program's cursor key mode (DECCKM). */
export function consoleBytes(event: KeyEvent, applicationCursor: boolean): string {
  const final = cursorKeys[event.name];
  if (final !== undefined) return `\x1b${applicationCursor ? "O" : "["}${final}`;
  const known = named[event.name];
  if (known !== undefined) return known;
  const control = /^Ctrl-([A-Z@[\\\]^_])$/.exec(event.name)?.[1];
  if (control !== undefined) return String.fromCodePoint(control.charCodeAt(0) & 0x1f);
  const alt = /^Alt-(.)$/u.exec(event.name)?.[1];
  if (alt !== undefined) return `\x1b${alt.toLowerCase()}`;
  return event.bytes;
}
