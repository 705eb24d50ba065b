/**
 * The palettes. Tests hold that text is readable: a contrast of at least 4.5 on the backgrounds that a palette is made
 * for (3 for dim text), in true colour and rounded to 256 colours.
 */
import { attribute } from "./draw/codes.ts";
import type { Rgb } from "./draw/color.ts";
import type { ThemeColor } from "./draw/cell-style.ts";

/**
 * Each theme colour. "own" is the terminal's own colour; "inverse" and "underline" mark a background for which no
 * colour is safe.
 */
export type ColorPalette = Readonly<Record<ThemeColor, Rgb | "own" | "inverse" | "underline">>;

/**
 * A theme colour on terminals with 16 colours or none: the number of a colour, 0 to 15, and attribute bits that carry
 * the meaning too.
 */
export interface PlainStyle {
  readonly color?: number;
  readonly attributes?: number;
}

/** For dark backgrounds. */
export const darkPalette: ColorPalette = {
  text: "own",
  dim: hex("8b93a5"),
  accent: hex("6cb6ff"),
  rule: hex("4c5365"),
  title: "own",
  selection: hex("2c4a70"),
  match: hex("4a4620"),
  "current-match": hex("5f4a00"),
  "current-line": hex("23262e"),
  bracket: hex("3d4656"),
  keyword: hex("c99bf5"),
  string: hex("a3d9a0"),
  number: hex("f5ab80"),
  comment: hex("8a95a8"),
  function: hex("8ab4ff"),
  type: hex("f2cb74"),
  builtin: hex("7fdbca"),
  operator: hex("a9bad6"),
  decorator: hex("e6b673"),
  variable: "own",
  error: hex("ff7b7b"),
  warning: hex("f2c55c"),
  success: hex("7fd88f"),
  "peer-0": hex("f0a6d8"),
  "peer-1": hex("ffb86b"),
  "peer-2": hex("7fe3d4"),
  "peer-3": hex("d7e37a"),
  "peer-selection": hex("47324f"),
  bar: hex("262b36"),
  "bar-text": hex("d8dde8"),
  dialog: hex("232833"),
  "dialog-text": hex("e4e8f0"),
  button: hex("35496a"),
};

/** For light backgrounds. */
export const lightPalette: ColorPalette = {
  text: "own",
  dim: hex("5f6673"),
  accent: hex("0a58a8"),
  rule: hex("b4bac6"),
  title: "own",
  selection: hex("bcd8fa"),
  match: hex("fdeeb0"),
  "current-match": hex("ffd75f"),
  "current-line": hex("eef1f6"),
  bracket: hex("d3dbe8"),
  keyword: hex("8a2da5"),
  string: hex("2c6b2a"),
  number: hex("9c4008"),
  comment: hex("5c6878"),
  function: hex("1f50b0"),
  type: hex("705300"),
  builtin: hex("006064"),
  operator: hex("3d4a5c"),
  decorator: hex("7a5000"),
  variable: "own",
  error: hex("b81d2c"),
  warning: hex("7d5200"),
  success: hex("1c6b32"),
  "peer-0": hex("a01070"),
  "peer-1": hex("8f4a00"),
  "peer-2": hex("00655c"),
  "peer-3": hex("4f6000"),
  "peer-selection": hex("f3dcf0"),
  bar: hex("e6eaf1"),
  "bar-text": hex("1e2531"),
  dialog: hex("f0f3f8"),
  "dialog-text": hex("1e2531"),
  button: hex("cbdcf4"),
};

/** For a background that is not known: middle tones, readable on black and on white. */
export const neutralPalette: ColorPalette = {
  text: "own",
  dim: hex("767676"),
  accent: hex("1a7fd0"),
  rule: hex("808080"),
  title: "own",
  selection: "inverse",
  match: "underline",
  "current-match": "inverse",
  "current-line": "own",
  bracket: "underline",
  keyword: hex("a95fd0"),
  string: hex("3f8a3f"),
  number: hex("c0602a"),
  comment: hex("767676"),
  function: hex("3f78d8"),
  type: hex("96751a"),
  builtin: hex("118585"),
  operator: hex("6d7890"),
  decorator: hex("a36f1f"),
  variable: "own",
  error: hex("d94545"),
  warning: hex("9a7400"),
  success: hex("2f8a4a"),
  "peer-0": hex("b8569a"),
  "peer-1": hex("b06a20"),
  "peer-2": hex("1c8a80"),
  "peer-3": hex("7a8420"),
  "peer-selection": "underline",
  bar: hex("14161c"),
  "bar-text": hex("d8dde8"),
  dialog: "own",
  "dialog-text": "own",
  button: "inverse",
};

const { bold, dim, underline, inverse } = attribute;

/**
 * For terminals with 16 colours. People redefine these; blue and bright black are often unreadable, so they carry no
 * text.
 */
export const sixteenStyles: Readonly<Record<ThemeColor, PlainStyle>> = {
  text: {},
  dim: { attributes: dim },
  accent: { color: 6 },
  rule: { attributes: dim },
  title: {},
  selection: { attributes: inverse },
  match: { attributes: underline },
  "current-match": { attributes: inverse | bold },
  "current-line": {},
  bracket: { attributes: underline },
  keyword: { color: 5 },
  string: { color: 2 },
  number: { color: 3 },
  comment: { attributes: dim },
  function: { color: 6 },
  type: { color: 3 },
  builtin: { color: 6 },
  operator: {},
  decorator: { color: 3 },
  variable: {},
  error: { color: 1 },
  warning: { color: 3 },
  success: { color: 2 },
  "peer-0": { color: 5 },
  "peer-1": { color: 3 },
  "peer-2": { color: 6 },
  "peer-3": { color: 2 },
  "peer-selection": { attributes: underline },
  bar: { attributes: inverse },
  "bar-text": {},
  dialog: {},
  "dialog-text": {},
  button: { attributes: inverse },
};

/** For terminals without colours. */
export const plainStyles: Readonly<Record<ThemeColor, PlainStyle>> = {
  text: {},
  dim: { attributes: dim },
  accent: { attributes: bold },
  rule: { attributes: dim },
  title: {},
  selection: { attributes: inverse },
  match: { attributes: underline },
  "current-match": { attributes: inverse | bold },
  "current-line": {},
  bracket: { attributes: underline },
  keyword: { attributes: bold },
  string: {},
  number: {},
  comment: { attributes: dim },
  function: {},
  type: {},
  builtin: {},
  operator: {},
  decorator: {},
  variable: {},
  error: { attributes: bold },
  warning: { attributes: bold },
  success: { attributes: bold },
  "peer-0": {},
  "peer-1": {},
  "peer-2": {},
  "peer-3": {},
  "peer-selection": { attributes: underline },
  bar: { attributes: inverse },
  "bar-text": {},
  dialog: {},
  "dialog-text": {},
  button: { attributes: inverse },
};

function hex(digits: string): Rgb {
  const value = Number.parseInt(digits, 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}
