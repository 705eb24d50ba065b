/** What xterm sends for keys and the mouse, for tests that press them. */

const simple: Readonly<Record<string, string>> = {
  Enter: "\r",
  Tab: "\t",
  Escape: "\x1b",
  Backspace: "\x7f",
  Space: " ",
  "Shift-Tab": "\x1b[Z",
  "Ctrl-Space": "\0",
  "Ctrl-/": "\x1f",
  "Ctrl-\\": "\x1c",
  "Ctrl-]": "\x1d",
  "Ctrl-^": "\x1e",
};

const letters: Readonly<Record<string, string>> = {
  Up: "A",
  Down: "B",
  Right: "C",
  Left: "D",
  Home: "H",
  End: "F",
  F1: "P",
  F2: "Q",
  F3: "R",
  F4: "S",
};

const numbers: Readonly<Record<string, number>> = {
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

/** The bytes of a key by its canonical name ("Ctrl-S", "Shift-F5", "Alt-Up"). */
export function keyBytes(name: string): string {
  const known = simple[name];
  if (known !== undefined) return known;
  const [, prefixes = "", base = ""] = /^((?:Ctrl-|Alt-|Shift-)*)(.+)$/s.exec(name) ?? [];
  const shift = prefixes.includes("Shift-");
  const alt = prefixes.includes("Alt-");
  const ctrl = prefixes.includes("Ctrl-");
  const sequence = sequenceOf(base, 1 + Number(shift) + 2 * Number(alt) + 4 * Number(ctrl));
  if (sequence !== undefined) return sequence;
  if (/^[A-Z]$/.test(base)) {
    const character = ctrl ? String.fromCharCode(base.charCodeAt(0) - 64) : shift ? base : base.toLowerCase();
    if (ctrl || alt) return (alt ? "\x1b" : "") + character;
  }
  const inner = simple[base];
  if (alt && inner !== undefined) return `\x1b${inner}`;
  throw new Error(`xterm has no bytes for the key ${name}`);
}

/** Of the keys that send an escape sequence. */
function sequenceOf(base: string, modifier: number): string | undefined {
  const letter = letters[base];
  if (letter !== undefined) {
    if (modifier > 1) return `\x1b[1;${modifier}${letter}`;
    return base.startsWith("F") ? `\x1bO${letter}` : `\x1b[${letter}`;
  }
  const number = numbers[base];
  if (number === undefined) return undefined;
  return modifier > 1 ? `\x1b[${number};${modifier}~` : `\x1b[${number}~`;
}

export type MouseAction = "press" | "release" | "drag" | "click" | "double-click" | "wheel-up" | "wheel-down";

/** The bytes of a mouse action with the left button; rows and columns count from 0. */
export function mouseBytes(action: MouseAction, row: number, column: number): string {
  const report = (code: number, final: string): string => `\x1b[<${code};${column + 1};${row + 1}${final}`;
  const click = report(0, "M") + report(0, "m");
  switch (action) {
    case "press":
      return report(0, "M");
    case "release":
      return report(0, "m");
    case "drag":
      return report(32, "M");
    case "click":
      return click;
    case "double-click":
      return click + click;
    case "wheel-up":
      return report(64, "M");
    case "wheel-down":
      return report(65, "M");
    default:
      throw new Error(`unknown mouse action ${String(action)}`);
  }
}

/** A paste, with its lines' ends as terminals send them, in brackets when the program asked for that. */
export function pasteBytes(text: string, isBracketed: boolean): string {
  const bytes = text.replaceAll("\n", "\r");
  return isBracketed ? `\x1b[200~${bytes}\x1b[201~` : bytes;
}
