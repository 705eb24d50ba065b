/** The canonical names of keys. */

/** The modifier keys held with a key. */
export interface Modifiers {
  readonly shift: boolean;
  readonly alt: boolean;
  readonly ctrl: boolean;
}

/** No modifier key held. */
export const noModifiers: Modifiers = { shift: false, alt: false, ctrl: false };

/**
 * The modifiers in xterm's parameter: 1 plus the bits for Shift 1, Alt 2, Ctrl 4, Super 8, Hyper 16, Meta 32 (counted
 * as Alt), and locks. Super, Hyper and locks are ignored.
 */
export function modifiersOf(parameter: number | undefined): Modifiers {
  const bits = Math.max(0, (parameter ?? 1) - 1);
  return { shift: (bits & 1) !== 0, alt: (bits & (2 | 32)) !== 0, ctrl: (bits & 4) !== 0 };
}

/** The canonical name of a key with modifiers: "Ctrl-Alt-Shift-Name". */
export function keyName(base: string, modifiers: Modifiers): string {
  return (modifiers.ctrl ? "Ctrl-" : "") + (modifiers.alt ? "Alt-" : "") + (modifiers.shift ? "Shift-" : "") + base;
}

/** The canonical name of a printable character held with Ctrl or Alt: letters in upper case, the space as "Space". */
export function characterKeyName(character: string, modifiers: Modifiers): string {
  if (character === " ") return keyName("Space", modifiers);
  const upper = character.toUpperCase();
  const isUpperLetter = character === upper && character !== character.toLowerCase();
  return keyName(upper, { ...modifiers, shift: modifiers.shift || isUpperLetter });
}

/**
 * The canonical name of the key that sends a control byte, 0 to 31 or 127. Ctrl-/ and Ctrl-_ send the same byte; the
 * name is Ctrl-/.
 */
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
