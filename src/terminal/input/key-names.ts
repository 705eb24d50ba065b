/** The canonical names of keys, and what a terminal of the old school sends for them. */

export interface Modifiers {
  readonly shift: boolean;
  readonly alt: boolean;
  readonly ctrl: boolean;
}

export const noModifiers: Modifiers = { shift: false, alt: false, ctrl: false };

/** Modifiers from xterm's parameter: 1 + bits for shift 1, alt 2, ctrl 4, (super 8, hyper 16), meta 32, and locks. */
export function modifiersOf(parameter: number | undefined): Modifiers {
  const bits = Math.max(0, (parameter ?? 1) - 1);
  return { shift: (bits & 1) !== 0, alt: (bits & (2 | 32)) !== 0, ctrl: (bits & 4) !== 0 };
}

/** "Ctrl-Alt-Shift-Name", in the one order that key bindings use. */
export function keyName(base: string, modifiers: Modifiers): string {
  return (modifiers.ctrl ? "Ctrl-" : "") + (modifiers.alt ? "Alt-" : "") + (modifiers.shift ? "Shift-" : "") + base;
}

/** The name for a printable character held with Ctrl or Alt: letters in upper case, the space spelled out. */
export function characterKeyName(character: string, modifiers: Modifiers): string {
  if (character === " ") return keyName("Space", modifiers);
  const upper = character.toUpperCase();
  const isUpperLetter = character === upper && character !== character.toLowerCase();
  return keyName(upper, { ...modifiers, shift: modifiers.shift || isUpperLetter });
}

/** Names of the bytes 0 to 31 and 127. Ctrl-/ and Ctrl-_ send the same byte; people press Ctrl-/. */
export function controlKeyName(byte: number): string {
  switch (byte) {
    case 0x00:
      return "Ctrl-Space";
    case 0x09:
      return "Tab";
    case 0x0a:
      return "Enter"; // scripts and some terminals send a line feed for the Enter key
    case 0x0d:
      return "Enter";
    case 0x1b:
      return "Escape";
    case 0x1c:
      return "Ctrl-\\";
    case 0x1d:
      return "Ctrl-]";
    case 0x1e:
      return "Ctrl-^";
    case 0x1f:
      return "Ctrl-/";
    case 0x7f:
      return "Backspace";
    default:
      return `Ctrl-${String.fromCharCode(0x40 + byte)}`;
  }
}

const named: Readonly<Record<string, string>> = {
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

/**
 * What a plain terminal sends for a key that arrived in one of the newer encodings, so that Python's console
 * understands it; undefined when there is nothing that a plain terminal would send.
 */
export function plainBytes(name: string): string | undefined {
  const simple = named[name];
  if (simple !== undefined) return simple;
  const control = /^Ctrl-([A-Z])$/.exec(name);
  if (control) return String.fromCharCode((control[1] ?? "@").charCodeAt(0) - 0x40);
  if (name.startsWith("Alt-Shift-")) return name.length === 11 ? `\x1b${name.slice(10)}` : undefined;
  if (name.startsWith("Alt-")) {
    const rest = name.slice(4);
    const inner = plainBytes(rest) ?? (/^.$/u.test(rest) ? rest.toLowerCase() : undefined);
    return inner === undefined ? undefined : `\x1b${inner}`;
  }
  return undefined;
}
