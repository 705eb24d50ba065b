/**
 * The escape and control sequences that the console's emulator gets to see, in which form, and what they cost: a table.
 * Others are dropped. Numbers are cut to what makes a difference on this screen, so that a count never causes more work
 * than the screen is large.
 */
import { acceptStyles } from "./character-styles.ts";
import type { Priced, Prices } from "./output-prices.ts";

/** The numbers of a sequence; a missing one is undefined and means its default. */
type Numbers = readonly (number | undefined)[];
type Rule = (numbers: Numbers, prices: Prices) => readonly Priced[] | Priced | undefined;

/** Positions and modes: larger ones mean nothing. */
const maxNumber = 9999;
/** Parameters of one sequence; xterm.js takes no more either. */
const maxNumbers = 32;
/** Lines that one piece of a long scroll moves: the pieces are parsed in slices. */
const pieceLines = 16;

/** ESC and one letter. */
const simpleEscapes: Readonly<Record<string, (prices: Prices) => number>> = {
  "7": (prices) => prices.sequence,
  "8": (prices) => prices.move,
  D: (prices) => prices.lineFeed,
  E: (prices) => prices.lineFeed,
  H: (prices) => prices.sequence,
  M: (prices) => prices.lineFeed,
  "=": (prices) => prices.sequence,
  ">": (prices) => prices.sequence,
  c: (prices) => prices.newScreen,
  n: (prices) => prices.sequence,
  o: (prices) => prices.sequence,
  "|": (prices) => prices.sequence,
  "}": (prices) => prices.sequence,
  "~": (prices) => prices.sequence,
  "#8": (prices) => prices.shift,
  "%@": (prices) => prices.sequence,
  "%G": (prices) => prices.sequence,
};

/**
 * The sequences for the emulator, with their prices, for what follows ESC including its last letter. Empty for an
 * unknown one.
 */
export function acceptEscape(collected: string, prices: Prices): readonly Priced[] {
  if (collected === "c") prices.insertMode = false;
  const price = simpleEscapes[collected];
  // One of the character sets, of which xterm.js knows some.
  const steps = price?.(prices) ?? (/^[()*+.-][0-9A-Za-z=`<>"%&]$/.test(collected) ? prices.sequence : undefined);
  return steps === undefined ? [] : [{ text: `\x1b${collected}`, steps }];
}

/** Modes of xterm.js that change what is shown, typed or pasted. */
const privateModes = new Set([
  1, 2, 6, 7, 9, 12, 25, 45, 47, 66, 1000, 1002, 1003, 1004, 1006, 1016, 1047, 1048, 1049, 2004, 2026,
]);
/** Those that switch between two screens. */
const screenModes = new Set([47, 1047, 1049]);
const reportedModes = new Set([...privateModes, 3, 8, 67, 1005, 1015]);

const one = (text: string, steps: number): Priced => ({ text: `\x1b[${text}`, steps });

/** A sequence with one count; more than `max` has the same effect as `max`. */
const counted =
  (final: string, max: (prices: Prices) => number, steps: (prices: Prices, count: number) => number): Rule =>
  ([count], prices) => {
    const cut = Math.min(count ?? 1, max(prices));
    return one(count === undefined ? final : `${cut}${final}`, steps(prices, Math.max(1, cut)));
  };

/** A sequence that goes somewhere. */
const move =
  (final: string, max = 1): Rule =>
  (numbers, prices) => {
    const positions = numbers
      .slice(0, max)
      .map((position) => (position === undefined ? "" : Math.min(position, maxNumber)));
    return one(`${positions.join(";")}${final}`, prices.move);
  };

/** Moves lines. A long way is cut into pieces, each of which can be a slice of its own. */
const spliced =
  (final: string): Rule =>
  ([count], prices) => {
    const pieces: Priced[] = [];
    let left = Math.min(Math.max(1, count ?? 1), prices.rows);
    for (; left > 0; left -= pieceLines) {
      const lines = Math.min(left, pieceLines);
      pieces.push(one(`${lines}${final}`, prices.spliced(lines)));
    }
    return pieces;
  };

/** Erases: the number says which part. */
const erase =
  (text: string, steps: (prices: Prices) => number): Rule =>
  ([part], prices) =>
    (part ?? 0) <= 3 ? one(text.replace("#", part === undefined ? "" : String(part)), steps(prices)) : undefined;

const modes =
  (on: boolean): Rule =>
  (numbers, prices) => {
    const final = on ? "h" : "l";
    const known = new Set(numbers.filter((mode) => mode === 4 || mode === 20));
    if (known.has(4)) prices.insertMode = on;
    return [...known].map((mode) => one(`${mode}${final}`, prices.sequence));
  };

/**
 * Each mode becomes a sequence of its own, and only once: switching screens thirty times would fill them thirty times.
 */
const modesOfTheTerminal =
  (on: boolean): Rule =>
  (numbers, prices) =>
    [...new Set(numbers)]
      .filter((mode) => mode !== undefined && privateModes.has(mode))
      .map((mode) =>
        one(`?${mode}${on ? "h" : "l"}`, mode !== undefined && screenModes.has(mode) ? prices.newScreen : prices.move),
      );

/** A query. It is passed on only in its plain form, so that an answer echoed by a terminal is not a query again. */
const question =
  (text: string, known: (numbers: Numbers) => boolean): Rule =>
  (numbers, prices) =>
    known(numbers) ? one(text.replace("#", numbers.map((number) => number ?? "").join(";")), prices.answer) : undefined;

const nothingOrZero = (numbers: Numbers): boolean => numbers.length <= 1 && (numbers[0] ?? 0) === 0;

/** By what stands around the numbers: prefix, intermediate characters and the final one. */
const rules: Readonly<Record<string, Rule>> = {
  A: move("A"),
  B: move("B"),
  C: move("C"),
  D: move("D"),
  E: move("E"),
  F: move("F"),
  G: move("G"),
  H: move("H", 2),
  f: move("f", 2),
  "`": move("`"),
  a: move("a"),
  d: move("d"),
  e: move("e"),
  s: (_, prices) => one("s", prices.sequence),
  u: (_, prices) => one("u", prices.move),
  r: move("r", 2),
  "@": counted(
    "@",
    ({ columns }) => columns,
    ({ line }) => line,
  ),
  P: counted(
    "P",
    ({ columns }) => columns,
    ({ line }) => line,
  ),
  X: counted(
    "X",
    ({ columns }) => columns,
    ({ line }) => line,
  ),
  I: counted(
    "I",
    ({ columns }) => columns,
    (prices, count) => prices.tab + count,
  ),
  Z: counted(
    "Z",
    ({ columns }) => columns,
    (prices, count) => prices.tab + count,
  ),
  // A letter is repeated with its marks.
  b: counted(
    "b",
    ({ columns }) => columns,
    (prices, count) => count * 9 * prices.letter,
  ),
  J: erase("#J", ({ screen }) => screen),
  // Those that spare protected cells, of which there are none.
  "?J": erase("#J", ({ screen }) => screen),
  K: erase("#K", ({ line }) => line),
  "?K": erase("#K", ({ line }) => line),
  L: spliced("L"),
  M: spliced("M"),
  S: spliced("S"),
  T: spliced("T"),
  " @": counted(
    " @",
    ({ columns }) => columns,
    ({ shift }) => shift,
  ),
  " A": counted(
    " A",
    ({ columns }) => columns,
    ({ shift }) => shift,
  ),
  "'}": counted(
    "'}",
    ({ columns }) => columns,
    ({ shift }) => shift,
  ),
  "'~": counted(
    "'~",
    ({ columns }) => columns,
    ({ shift }) => shift,
  ),
  g: ([which], prices) => ((which ?? 0) === 0 || which === 3 ? one(`${which ?? ""}g`, prices.line) : undefined),
  h: modes(true),
  l: modes(false),
  "?h": modesOfTheTerminal(true),
  "?l": modesOfTheTerminal(false),
  "!p": (_, prices) => {
    prices.insertMode = false;
    return one("!p", prices.line);
  },
  c: question("#c", nothingOrZero),
  ">c": question(">#c", nothingOrZero),
  n: question("#n", (numbers) => numbers.length === 1 && (numbers[0] === 5 || numbers[0] === 6)),
  "?n": question("?#n", (numbers) => numbers.length === 1 && numbers[0] === 6),
  $p: question("#$p", (numbers) => numbers.length === 1 && (numbers[0] ?? maxNumber) <= 20),
  "?$p": question("?#$p", (numbers) => numbers.length === 1 && reportedModes.has(numbers[0] ?? 0)),
};

const shape = /^([<=>?]?)([0-9:;]*)([ -/]?)([@-~])$/;

/**
 * The sequences for the emulator, with their prices, for what follows ESC [ including its last letter. Empty for an
 * unknown one.
 */
export function acceptControl(collected: string, prices: Prices): readonly Priced[] {
  const parts = shape.exec(collected);
  if (!parts) return [];
  const [, prefix = "", parameters = "", intermediate = "", final = ""] = parts;
  const form = prefix + intermediate + final;
  if (form === "m") return acceptStyles(parameters, prices);
  const rule = Object.hasOwn(rules, form) ? rules[form] : undefined;
  const accepted = rule?.(numbersOf(parameters), prices) ?? [];
  return "text" in accepted ? [accepted] : accepted;
}

/** Parts of a number after a colon mean something only in styles. */
function numbersOf(parameters: string): Numbers {
  if (parameters === "") return [];
  return parameters.split(";", maxNumbers).map((digits) => {
    const number = Number.parseInt(digits, 10);
    return Number.isNaN(number) ? undefined : number;
  });
}
