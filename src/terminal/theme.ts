/** Theme colours, mapped to what a terminal can show. */
import { attribute, attributeMask, defaultColor, rgbBase, themeColorOf, type ColorCode } from "./draw/codes.ts";
import type { ThemeColor } from "./draw/cell-style.ts";
import { contrastOn, distance, paletteColor, type Rgb } from "./draw/color.ts";
import {
  darkPalette,
  lightPalette,
  neutralPalette,
  plainStyles,
  sixteenStyles,
  type ColorPalette,
  type PlainStyle,
} from "./palettes.ts";

/** How many colours a terminal can show. */
export type ColorDepth = "truecolor" | "256" | "16" | "none";

/** The terminal's own background, on which everything is drawn. */
export type Backdrop = "dark" | "light" | "unknown";

/** A style as SGR parameters ("38;5;12", or "39" for the terminal's own foreground), and its attribute bits. */
export interface ResolvedStyle {
  readonly foreground: string;
  readonly background: string;
  readonly attributes: number;
}

/** The mapping of styles to one terminal. */
export interface Theme {
  readonly depth: ColorDepth;
  readonly backdrop: Backdrop;
  /** What a cell of these codes looks like; always the same answer, remembered for the styles in use. */
  resolve(foreground: ColorCode, background: ColorCode, attributes: number): ResolvedStyle;
}

/** Styles remembered for one screen. */
const maxStyles = 1000;

/** The theme for a terminal. */
export function createTheme(depth: ColorDepth, backdrop: Backdrop = "unknown"): Theme {
  let cache = new Map<ColorCode, Map<number, ResolvedStyle>>();
  let size = 0;
  const resolve = resolverFor(depth, backdrop);
  return {
    depth,
    backdrop,
    resolve(foreground, background, attributes) {
      const key = background * (attributeMask + 1) + attributes;
      const known = cache.get(foreground)?.get(key);
      if (known) return known;
      // A program can print more colours than anyone should remember.
      if (size++ >= maxStyles) {
        cache = new Map();
        size = 1;
      }
      const style = resolve(foreground, background, attributes);
      const ofForeground = cache.get(foreground) ?? new Map<number, ResolvedStyle>();
      cache.set(foreground, ofForeground.set(key, style));
      return style;
    },
  };
}

type Resolver = (foreground: ColorCode, background: ColorCode, attributes: number) => ResolvedStyle;

const ownForeground = "39";
const ownBackground = "49";

function resolverFor(depth: ColorDepth, backdrop: Backdrop): Resolver {
  if (depth === "16") return plainResolver(sixteenStyles, true);
  if (depth === "none") return plainResolver(plainStyles, false);
  return colorResolver(paletteOf(backdrop), depth);
}

/** The palette for a background. */
export function paletteOf(backdrop: Backdrop): ColorPalette {
  return backdrop === "dark" ? darkPalette : backdrop === "light" ? lightPalette : neutralPalette;
}

function colorResolver(palette: ColorPalette, depth: "truecolor" | "256"): Resolver {
  return (foreground, background, attributes) => {
    const back = lookUp(palette, background);
    const front = lookUp(palette, foreground);
    const bits = attributes | styleBits(back) | styleBits(front);
    // Reversed text takes the text's own colour only, or a selected line of code would be a patchwork.
    const isReversed = back === "inverse";
    return {
      foreground: isReversed || typeof front === "string" ? ownForeground : colorSgr(front, depth, 30),
      background: typeof back === "string" ? ownBackground : colorSgr(back, depth, 40),
      attributes: bits,
    };
  };
}

type Entry = ColorPalette[ThemeColor] | number;

/** A theme colour's entry in the palette, or the code of a console colour. */
function lookUp(palette: ColorPalette, code: ColorCode): Entry {
  const name = themeColorOf(code);
  if (name) return palette[name];
  return code === defaultColor ? "own" : code;
}

function styleBits(entry: Entry): number {
  return entry === "inverse" ? attribute.inverse : entry === "underline" ? attribute.underline : 0;
}

/** SGR parameters of a colour; `base` is 30 for foregrounds, 40 for backgrounds. */
function colorSgr(color: Rgb | number, depth: "truecolor" | "256", base: 30 | 40): string {
  if (typeof color === "number" && color < 256) return indexSgr(color, base);
  const [red, green, blue] = typeof color === "number" ? rgbOf(color) : color;
  if (depth === "truecolor") return `${base + 8};2;${red};${green};${blue}`;
  return indexSgr(nearest256([red, green, blue]), base);
}

function indexSgr(index: number, base: 30 | 40): string {
  if (index < 8) return String(base + index);
  if (index < 16) return String(base + 60 + index - 8);
  return `${base + 8};5;${index}`;
}

function rgbOf(code: ColorCode): Rgb {
  const rgb = code - rgbBase;
  return [(rgb >> 16) & 255, (rgb >> 8) & 255, rgb & 255];
}

/**
 * The resolver for 16 colours or none: attributes also show what a colour means, and console colours become the nearest
 * one.
 */
function plainResolver(styles: Readonly<Record<ThemeColor, PlainStyle>>, hasColors: boolean): Resolver {
  return (foreground, background, attributes) => {
    const front = plainStyleOf(styles, foreground);
    const back = plainStyleOf(styles, background);
    const bits = attributes | (front.attributes ?? 0) | (back.attributes ?? 0);
    const isReversed = ((back.attributes ?? 0) & attribute.inverse) !== 0;
    const frontColor = hasColors && !isReversed ? front.color : undefined;
    const backColor = hasColors ? back.color : undefined;
    return {
      foreground: frontColor === undefined ? ownForeground : String(frontColor < 8 ? 30 + frontColor : 82 + frontColor),
      background: backColor === undefined ? ownBackground : String(backColor < 8 ? 40 + backColor : 92 + backColor),
      attributes: bits,
    };
  };
}

function plainStyleOf(styles: Readonly<Record<ThemeColor, PlainStyle>>, code: ColorCode): PlainStyle {
  const name = themeColorOf(code);
  if (name) return styles[name];
  if (code === defaultColor) return {};
  if (code < 16) return { color: code };
  return { color: nearest(code < 256 ? paletteColor(code) : rgbOf(code), 0, 16) };
}

/**
 * The nearest of the cube and of the greys, each without a search: a picture has thousands of colours. The distance adds
 * up channels, so the nearest level of each makes the nearest of the cube; of the greys it is the one next to the mean.
 */
function nearest256(color: Rgb): number {
  const [red, green, blue] = color;
  const ofCube = 16 + 36 * cubeIndex(red) + 6 * cubeIndex(green) + cubeIndex(blue);
  const mean = (3 * red + 6 * green + blue) / 10;
  const ofGreys = 232 + Math.max(0, Math.min(23, Math.ceil((mean - 8) / 10 - 0.5)));
  return distance(paletteColor(ofGreys), color) < distance(paletteColor(ofCube), color) ? ofGreys : ofCube;
}

/** The index of the nearest of the cube's levels, which are 0, 95, 135, 175, 215, 255. */
function cubeIndex(value: number): number {
  if (value <= 47) return 0;
  return value <= 115 ? 1 : Math.min(5, Math.ceil((value - 55) / 40 - 0.5));
}

function nearest(color: Rgb, from: number, to: number): number {
  let best = from;
  for (let index = from; index < to; index++) {
    if (distance(paletteColor(index), color) < distance(paletteColor(best), color)) best = index;
  }
  return best;
}

/**
 * The colours that a client says its terminal has, by NO_COLOR (https://no-color.org), COLORTERM and TERM. Without a
 * clue, 16.
 */
export function detectColors(term: string, env: ReadonlyMap<string, string>): ColorDepth {
  if ((env.get("NO_COLOR") ?? "") !== "") return "none";
  if (/^(truecolor|24bit)$/i.test(env.get("COLORTERM") ?? "")) return "truecolor";
  if (/^vt[0-9]|-m(ono)?$|^(dumb|unknown|ansi-m|hurd)$/.test(term)) return "none";
  if (/-direct\d*$|^(xterm-)?(kitty|ghostty|alacritty|foot|wezterm)/.test(term)) return "truecolor";
  if (/256color/.test(term)) return "256";
  return "16";
}

/** The background in a terminal's answer to OSC 11, such as "11;rgb:1e1e/1e1e/2e2e"; undefined for any other reply. */
export function backdropOf(reply: string): Backdrop | undefined {
  const match = /^11;rgba?:([0-9a-f]{1,4})\/([0-9a-f]{1,4})\/([0-9a-f]{1,4})/i.exec(reply);
  if (!match) return undefined;
  const color: Rgb = [channel(match[1]), channel(match[2]), channel(match[3])];
  return contrastOn(color, [255, 255, 255]) > contrastOn(color, [0, 0, 0]) ? "dark" : "light";
}

/** One to four hexadecimal digits as 0 to 255. */
function channel(digits = "0"): number {
  return Math.round((Number.parseInt(digits, 16) / (16 ** digits.length - 1)) * 255);
}
