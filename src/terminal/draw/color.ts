/** Arithmetic with colours. */

/** A colour as three channels, 0 to 255 each. */
export type Rgb = readonly [red: number, green: number, blue: number];

/** xterm's first 16 colours. People redefine them, so they are used only to find the nearest one. */
const ansi: readonly Rgb[] = [
  [0, 0, 0],
  [205, 0, 0],
  [0, 205, 0],
  [205, 205, 0],
  [0, 0, 238],
  [205, 0, 205],
  [0, 205, 205],
  [229, 229, 229],
  [127, 127, 127],
  [255, 0, 0],
  [0, 255, 0],
  [255, 255, 0],
  [92, 92, 255],
  [255, 0, 255],
  [0, 255, 255],
  [255, 255, 255],
];

const cube: readonly number[] = [0, 95, 135, 175, 215, 255];

/** The RGB value of a colour of the 256-colour palette, as xterm defines it. */
export function paletteColor(index: number): Rgb {
  const basic = ansi[index];
  if (basic) return basic;
  if (index >= 232) {
    const level = 8 + (index - 232) * 10;
    return [level, level, level];
  }
  const rest = index - 16;
  return [cubeLevel(Math.floor(rest / 36)), cubeLevel(Math.floor(rest / 6)), cubeLevel(rest)];
}

function cubeLevel(value: number): number {
  return cube[value % 6] ?? 0;
}

/** The perceived distance between two colours, without a unit: only for comparison with another distance. */
export function distance(a: Rgb, b: Rgb): number {
  const red = a[0] - b[0];
  const green = a[1] - b[1];
  const blue = a[2] - b[2];
  return 3 * red * red + 6 * green * green + blue * blue;
}

/** The contrast ratio by WCAG 2: 1 to 21. Text is comfortable to read from 4.5. */
export function contrastOn(a: Rgb, b: Rgb): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

function luminance([red, green, blue]: Rgb): number {
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

function linear(value: number): number {
  const part = value / 255;
  return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
}
