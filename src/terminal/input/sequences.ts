/**
 * The meaning of keyboards' escape sequences. Sources: xterm's ctlseqs (CSI, SS3, modifyOtherKeys, SGR mouse), rxvt's
 * key table (finals ^ $ @ for modifiers, a to d for arrows), console_codes(4) for the Linux console ([[A to [[E),
 * PuTTY's terminal/keyboard settings, and the kitty keyboard protocol (CSI u).
 */
import { characterKeyName, keyName, modifiersOf, noModifiers, type Modifiers } from "./key-names.ts";

/** A mouse report as the terminal encoded it: `code` holds the button and modifiers, coordinates count from 0. */
export interface MouseReport {
  readonly code: number;
  readonly row: number;
  readonly column: number;
  readonly released: boolean;
}

/** The meaning of a sequence. */
export type Meaning =
  | { readonly kind: "key"; readonly name: string }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "mouse"; readonly report: MouseReport }
  | { readonly kind: "focus"; readonly focused: boolean }
  | { readonly kind: "paste-begins" }
  /** An answer to a query, or a sequence that no key of ours sends. */
  | { readonly kind: "nothing" };

const nothing: Meaning = { kind: "nothing" };

/** Finals of CSI and SS3 that name a key by themselves. */
const letterKeys: Readonly<Record<string, string>> = {
  A: "Up",
  B: "Down",
  C: "Right",
  D: "Left",
  F: "End",
  H: "Home",
  P: "F1",
  Q: "F2",
  R: "F3",
  S: "F4",
};

const arrowLetters: Readonly<Record<string, string>> = { a: "Up", b: "Down", c: "Right", d: "Left" };

const numberedKeys: ReadonlyMap<number, string> = new Map([
  [1, "Home"],
  [2, "Insert"],
  [3, "Delete"],
  [4, "End"],
  [5, "PageUp"],
  [6, "PageDown"],
  [7, "Home"],
  [8, "End"],
  [11, "F1"],
  [12, "F2"],
  [13, "F3"],
  [14, "F4"],
  [15, "F5"],
  [17, "F6"],
  [18, "F7"],
  [19, "F8"],
  [20, "F9"],
  [21, "F10"],
  [23, "F11"],
  [24, "F12"],
]);

/**
 * The numbers of "F13" and up. They stand for Shift with a function key, counted from F1 on Linux and from F3
 * elsewhere.
 */
const shiftedNumbers: readonly number[] = [25, 26, 28, 29, 31, 32, 33, 34];

/** The application keypad: printable keys by their SS3 final. */
const keypad: Readonly<Record<string, string>> = {
  X: "=",
  j: "*",
  k: "+",
  l: ",",
  m: "-",
  n: ".",
  o: "/",
  p: "0",
  q: "1",
  r: "2",
  s: "3",
  t: "4",
  u: "5",
  v: "6",
  w: "7",
  x: "8",
  y: "9",
};

/** Kitty's private numbers for keypad keys; the rest of its private range are modifiers and media keys. */
const kittyKeypad = "0123456789./*-+";
const kittyNames: ReadonlyMap<number, string> = new Map([
  [57414, "Enter"],
  [57417, "Left"],
  [57418, "Right"],
  [57419, "Up"],
  [57420, "Down"],
  [57421, "PageUp"],
  [57422, "PageDown"],
  [57423, "Home"],
  [57424, "End"],
  [57425, "Insert"],
  [57426, "Delete"],
]);

/** The meaning of `ESC O`, an optional modifier digit and a final. */
export function ss3Meaning(final: string, modifier: number | undefined): Meaning {
  const modifiers = modifiersOf(modifier);
  const key = letterKeys[final];
  if (key) return { kind: "key", name: keyName(key, modifiers) };
  const arrow = arrowLetters[final];
  if (arrow) return { kind: "key", name: keyName(arrow, { ...modifiers, ctrl: true }) };
  const printable = keypad[final];
  if (printable) return { kind: "text", text: printable };
  if (final === "M") return { kind: "key", name: keyName("Enter", modifiers) };
  return nothing;
}

/** The meaning of `ESC [ [` and a letter: F1 to F5 of the Linux console. */
export function linuxMeaning(final: string): Meaning {
  const number = final.charCodeAt(0) - 0x40;
  return number >= 1 && number <= 5 ? { kind: "key", name: `F${number}` } : nothing;
}

/** Parameters between semicolons, each with its subparameters between colons. */
type Groups = readonly (readonly number[])[];

type CsiMeaning = (groups: Groups, term: string) => Meaning;

/**
 * CSI sequences by their final; the others are keys that a letter names. `groups` is empty when nothing stands before
 * the final.
 */
const csiFinals: ReadonlyMap<string, CsiMeaning> = new Map<string, CsiMeaning>([
  ["I", (groups) => (groups.length === 0 ? { kind: "focus", focused: true } : nothing)],
  ["O", (groups) => (groups.length === 0 ? { kind: "focus", focused: false } : nothing)],
  ["Z", (groups) => ({ kind: "key", name: keyName("Tab", { ...modifiersOf(groups[1]?.[0]), shift: true }) })],
  ["M", urxvtMouse],
  ["R", (groups) => (isCursorReport(groups) ? nothing : letterMeaning("R", groups))],
  ["u", characterMeaning],
  ["~", tildeMeaning],
  ["^", (groups, term) => numberedMeaning(groups[0]?.[0], { ...noModifiers, ctrl: true }, term)],
  ["$", (groups, term) => numberedMeaning(groups[0]?.[0], { ...noModifiers, shift: true }, term)],
  ["@", (groups, term) => numberedMeaning(groups[0]?.[0], { ...noModifiers, ctrl: true, shift: true }, term)],
]);

/**
 * The meaning of `ESC [`, a body of parameters and intermediates, and a final. `term`, the client's TERM, tells old
 * tables apart.
 */
export function csiMeaning(body: string, final: string, term: string): Meaning {
  if (body.startsWith("<")) return sgrMouse(body.slice(1), final);
  if (/^[?>=]/.test(body) || /[ -/]/.test(body)) return nothing; // answers to queries
  const groups = body === "" ? [] : body.split(";").map((group) => group.split(":").map(Number));
  const meaning = csiFinals.get(final);
  return meaning ? meaning(groups, term) : letterMeaning(final, groups);
}

/** A cursor position report looks like the key F3, which terminals send as "1;modifiers". */
function isCursorReport(groups: Groups): boolean {
  if (groups.length === 0) return false;
  const modifier = groups[1]?.[0] ?? 0;
  return groups[0]?.[0] !== 1 || !(modifier >= 2 && modifier <= 16);
}

function letterMeaning(final: string, groups: Groups): Meaning {
  const arrow = arrowLetters[final];
  if (arrow) return { kind: "key", name: keyName(arrow, { ...noModifiers, shift: true }) };
  const key = letterKeys[final];
  if (!key) return nothing;
  if (groups[1]?.[1] === 3) return nothing; // the key went up again (kitty's event types)
  return { kind: "key", name: keyName(key, modifiersOf(groups[1]?.[0] ?? groups[0]?.[0])) };
}

function tildeMeaning(groups: Groups, term: string): Meaning {
  const number = groups[0]?.[0];
  if (number === 200) return { kind: "paste-begins" };
  if (number === 27 && groups.length === 3) return characterMeaning([groups[2] ?? [], groups[1] ?? []]);
  if (groups[1]?.[1] === 3) return nothing;
  return numberedMeaning(number, modifiersOf(groups[1]?.[0]), term);
}

function numberedMeaning(number: number | undefined, modifiers: Modifiers, term: string): Meaning {
  if (number === undefined) return nothing;
  const key = numberedKeys.get(number);
  if (key) return { kind: "key", name: keyName(key, modifiers) };
  const index = shiftedNumbers.indexOf(number);
  if (index < 0) return nothing;
  const base = term.startsWith("linux") ? 1 : 3;
  return { kind: "key", name: keyName(`F${base + index}`, { ...modifiers, shift: true }) };
}

/** A key given by its character's code point: CSI u, and xterm's modifyOtherKeys brought into the same order. */
function characterMeaning(groups: Groups): Meaning {
  const [code, shifted] = groups[0] ?? [];
  const [modifier, eventType] = groups[1] ?? [];
  if (code === undefined || !Number.isInteger(code) || eventType === 3) return nothing;
  const modifiers = modifiersOf(modifier);
  const special = specialCharacter(code, modifiers);
  if (special) return special;
  if (!isPrintable(code)) return nothing;
  const character = String.fromCodePoint(code);
  if (!modifiers.ctrl && !modifiers.alt)
    return { kind: "text", text: modifiers.shift ? withShift(character, shifted) : character };
  return { kind: "key", name: characterKeyName(character, modifiers) };
}

function isPrintable(code: number): boolean {
  if (code < 0x20 || code > 0x10ffff) return false;
  return !(code >= 0xd800 && code <= 0xdfff) && !(code >= 0x7f && code < 0xa0);
}

/**
 * The character with Shift. `shifted` is the code that the terminal says the key gives with Shift; not all terminals
 * say so.
 */
function withShift(character: string, shifted: number | undefined): string {
  const isValid = shifted !== undefined && shifted >= 0x20 && shifted <= 0xffff;
  return isValid ? String.fromCharCode(shifted) : character.toUpperCase();
}

function specialCharacter(code: number, modifiers: Modifiers): Meaning | undefined {
  const names: Readonly<Record<number, string>> = {
    8: "Backspace",
    9: "Tab",
    13: "Enter",
    27: "Escape",
    127: "Backspace",
  };
  const base = names[code] ?? kittyNames.get(code);
  if (base) return { kind: "key", name: keyName(base, modifiers) };
  if (code < 57344 || code > 63743) return undefined;
  const printable = kittyKeypad[code - 57399];
  return printable ? { kind: "text", text: printable } : nothing;
}

function sgrMouse(body: string, final: string): Meaning {
  const [code, column, row] = body.split(";").map(Number);
  if (final !== "M" && final !== "m") return nothing;
  return mouseMeaning(code, row, column, final === "m");
}

/** rxvt's own numbering (mode 1015): as X10, in decimal. */
function urxvtMouse(groups: Groups): Meaning {
  const [code, column, row] = groups.map((group) => group[0]);
  if (groups.length !== 3 || code === undefined) return nothing;
  return oldMouse(code, column, row);
}

/** The three bytes after `ESC [ M` (X10 and normal tracking), each 32 more than its value. */
export function x10Meaning(code: number, column: number, row: number): Meaning {
  return oldMouse(code, column - 32, row - 32);
}

/** A report in one of the old protocols, which do not say which button was released: code 3 is "some button". */
function oldMouse(code: number, column: number | undefined, row: number | undefined): Meaning {
  const plain = code - 32;
  const released = (plain & 3) === 3 && plain < 64;
  return mouseMeaning(released ? plain & ~3 : plain, row, column, released);
}

function mouseMeaning(
  code: number | undefined,
  row: number | undefined,
  column: number | undefined,
  released: boolean,
): Meaning {
  if (code === undefined || row === undefined || column === undefined) return nothing;
  const isSane = [code, row, column].every((value) => Number.isInteger(value) && value >= 0 && value <= 0xffff);
  if (!isSane || row < 1 || column < 1) return nothing;
  return { kind: "mouse", report: { code, row: row - 1, column: column - 1, released } };
}
