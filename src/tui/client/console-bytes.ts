/**
 * The bytes that the console's program gets for a key: those of xterm, which TERM in the jail promises, whatever the
 * person's terminal sends. A key that xterm has no bytes for is not passed on.
 */
import type { KeyEvent } from "../../terminal/input/event.ts";

/** Keys with bytes of their own, with those modifiers that change them. */
const fixed: Readonly<Record<string, string>> = {
  Enter: "\r",
  Tab: "\t",
  Backspace: "\x7f",
  Escape: "\x1b",
  Space: " ",
  "Shift-Tab": "\x1b[Z",
  "Ctrl-Backspace": "\x17",
};

/** Finals of the keys whose bytes depend on the program's cursor key mode. */
const cursorKeys: Readonly<Record<string, string>> = { Up: "A", Down: "B", Right: "C", Left: "D", Home: "H", End: "F" };

const firstFunctionKeys: Readonly<Record<string, string>> = { F1: "P", F2: "Q", F3: "R", F4: "S" };

const numberedKeys: Readonly<Record<string, number>> = {
  Insert: 2,
  Delete: 3,
  PageUp: 5,
  PageDown: 6,
  F5: 15,
  F6: 17,
  F7: 18,
  F8: 19,
  F9: 20,
  F10: 21,
  F11: 23,
  F12: 24,
};

interface Key {
  readonly base: string;
  readonly ctrl: boolean;
  readonly alt: boolean;
  readonly shift: boolean;
}

/**
 * The bytes of a key; empty when a plain xterm has none for it. `applicationCursor` is the program's cursor key mode
 * (DECCKM).
 */
export function consoleBytes({ name }: KeyEvent, applicationCursor: boolean): string {
  const key = parseName(name);
  return sequenceOf(key, applicationCursor) ?? characterOf(key);
}

function parseName(name: string): Key {
  const [, ctrl, alt, shift, base = ""] = /^(Ctrl-)?(Alt-)?(Shift-)?(.+)$/su.exec(name) ?? [];
  return { base, ctrl: ctrl !== undefined, alt: alt !== undefined, shift: shift !== undefined };
}

/** The sequence of a cursor or function key; undefined for other keys. */
function sequenceOf(key: Key, applicationCursor: boolean): string | undefined {
  const { base } = key;
  const modifiers = 1 + Number(key.shift) + 2 * Number(key.alt) + 4 * Number(key.ctrl);
  const number = numberedKeys[base];
  if (number !== undefined) return `\x1b[${number}${modifiers === 1 ? "" : `;${modifiers}`}~`;
  const final = cursorKeys[base] ?? firstFunctionKeys[base];
  if (final === undefined) return undefined;
  if (modifiers > 1) return `\x1b[1;${modifiers}${final}`;
  return `\x1b${applicationCursor || base in firstFunctionKeys ? "O" : "["}${final}`;
}

/** The bytes of a key with a character, or with fixed bytes: Alt puts an escape before them. */
function characterOf({ base, ctrl, alt, shift }: Key): string {
  const bytes =
    fixed[(ctrl ? "Ctrl-" : "") + (shift ? "Shift-" : "") + base] ??
    (ctrl ? controlCharacter(base) : (fixed[base] ?? (shift ? base : base.toLowerCase())));
  return alt && bytes !== "" ? `\x1b${bytes}` : bytes;
}

/** What Ctrl makes of a key: xterm ignores Shift beside it. */
function controlCharacter(base: string): string {
  if (base === "Space") return "\0";
  if (base === "/") return "\x1f";
  if (/^[A-Z@[\\\]^_]$/.test(base)) return String.fromCodePoint(base.charCodeAt(0) & 0x1f);
  return fixed[base] ?? "";
}
