import assert from "node:assert/strict";
import { attribute, colorCode, defaultColor, themeColors } from "../../src/terminal/draw/codes.ts";
import { contrastOn, distance, paletteColor, type Rgb } from "../../src/terminal/draw/color.ts";
import type { ConsoleColor, ThemeColor } from "../../src/terminal/draw/cell-style.ts";
import {
  backdropOf,
  createTheme,
  detectColors,
  type Backdrop,
  type ColorDepth,
  type Theme,
} from "../../src/terminal/theme.ts";

/** Theme colours that are laid behind text, and what is written on them. */
const backgrounds = [
  "selection",
  "match",
  "current-match",
  "current-line",
  "bracket",
  "peer-selection",
  "bar",
  "dialog",
  "button",
] as const;
const decoration: readonly ThemeColor[] = ["rule", ...backgrounds];
const foregrounds = themeColors.filter((name) => !decoration.includes(name));

/** The colour behind an SGR parameter; undefined for the terminal's own. */
function rgbOf(sgr: string): Rgb | undefined {
  const [kind, mode, ...rest] = sgr.split(";").map(Number);
  if (kind === 39 || kind === 49) return undefined;
  if (mode === 2) return rest as unknown as Rgb;
  return paletteColor(mode === 5 ? (rest[0] ?? 0) : ((kind ?? 0) % 10) + ((kind ?? 0) >= 90 ? 8 : 0));
}

function foregroundOf(theme: Theme, color: ThemeColor | ConsoleColor): string {
  return theme.resolve(colorCode(color), defaultColor, 0).foreground;
}

/** What terminals have behind text, and their own text on it. */
const terminals: Readonly<Record<Exclude<Backdrop, "unknown">, { background: Rgb; text: Rgb }[]>> = {
  dark: [
    { background: [0, 0, 0], text: [229, 229, 229] },
    { background: [30, 30, 30], text: [212, 212, 212] },
  ],
  light: [
    { background: [255, 255, 255], text: [0, 0, 0] },
    { background: [250, 250, 250], text: [56, 58, 66] },
  ],
};

describe("the theme", () => {
  it("finds the nearest of 256 colours without looking at each, and finds the same", () => {
    const theme = createTheme("256");
    const levels = [0, 1, 47, 48, 94, 115, 116, 128, 155, 156, 195, 196, 235, 236, 254, 255];
    for (const red of levels)
      for (const green of levels)
        for (const blue of levels) {
          const color: Rgb = [red, green, blue];
          let best = 16;
          for (let index = 17; index < 256; index++)
            if (distance(paletteColor(index), color) < distance(paletteColor(best), color)) best = index;
          const code = 0x1000000 + red * 0x10000 + green * 0x100 + blue;
          assert.equal(theme.resolve(code, defaultColor, 0).foreground, `38;5;${best}`, color.join(" "));
        }
  });

  for (const backdrop of ["dark", "light"] as const) {
    for (const depth of ["truecolor", "256"] as const) {
      it(`reads well on ${backdrop} backgrounds in ${depth}`, () => {
        const theme = createTheme(depth, backdrop);
        for (const { background } of terminals[backdrop]) {
          for (const name of foregrounds) {
            const color = rgbOf(foregroundOf(theme, name));
            if (!color || name === "bar-text" || name === "dialog-text") continue;
            const needed = name === "dim" || name === "comment" ? 4 : 4.5;
            const contrast = contrastOn(color, background);
            assert.ok(contrast >= needed, `${name} on ${background.join()}: ${contrast.toFixed(2)}`);
          }
        }
      });

      it(`reads well on its own bars, dialogs and selections on ${backdrop} backgrounds in ${depth}`, () => {
        const theme = createTheme(depth, backdrop);
        for (const under of backgrounds) {
          const background = rgbOf(theme.resolve(defaultColor, colorCode(under), 0).background);
          if (!background) continue;
          for (const { text } of terminals[backdrop]) {
            const contrast = contrastOn(text, background);
            assert.ok(contrast >= 4, `own text on ${under}: ${contrast.toFixed(2)}`);
          }
          const written: readonly ThemeColor[] = [
            "accent",
            "keyword",
            "string",
            "function",
            "error",
            "success",
            "bar-text",
            "dialog-text",
          ];
          for (const name of written) {
            const color = rgbOf(foregroundOf(theme, name)) ?? terminals[backdrop][0]?.text ?? [0, 0, 0];
            const contrast = contrastOn(color, background);
            assert.ok(contrast >= 2.6, `${name} on ${under}: ${contrast.toFixed(2)}`);
          }
        }
      });
    }
  }

  it("reads on black and on white when the background is not known", () => {
    for (const depth of ["truecolor", "256"] as const) {
      const theme = createTheme(depth, "unknown");
      for (const name of foregrounds) {
        const color = rgbOf(foregroundOf(theme, name));
        if (!color || name === "bar-text") continue;
        for (const background of [
          [0, 0, 0],
          [255, 255, 255],
        ] as const) {
          const contrast = contrastOn(color, background);
          assert.ok(contrast >= 3.2, `${depth} ${name} on ${background.join()}: ${contrast.toFixed(2)}`);
        }
      }
    }
  });

  it("never takes a colour for plain text: the terminal's own stays", () => {
    for (const depth of ["truecolor", "256", "16", "none"] as const) {
      for (const backdrop of ["dark", "light", "unknown"] as const) {
        const style = createTheme(depth, backdrop).resolve(colorCode("text"), defaultColor, 0);
        assert.deepEqual(style, { foreground: "39", background: "49", attributes: 0 });
      }
    }
  });

  it("says by attributes what it cannot say by colours", () => {
    for (const depth of ["16", "none"] as const) {
      const theme = createTheme(depth);
      const bits = (foreground: number, background: number): number =>
        theme.resolve(foreground, background, 0).attributes;
      assert.equal(bits(defaultColor, colorCode("selection")) & attribute.inverse, attribute.inverse);
      assert.equal(bits(defaultColor, colorCode("button")) & attribute.inverse, attribute.inverse);
      assert.equal(bits(defaultColor, colorCode("match")) & attribute.underline, attribute.underline);
      assert.equal(bits(colorCode("dim"), defaultColor) & attribute.dim, attribute.dim);
    }
    assert.equal(createTheme("none").resolve(colorCode("error"), defaultColor, 0).attributes, attribute.bold);
  });

  it("uses no colour at all without colours", () => {
    const theme = createTheme("none");
    for (const name of themeColors) {
      const { foreground, background } = theme.resolve(colorCode(name), colorCode(name), 0);
      assert.deepEqual([foreground, background], ["39", "49"]);
    }
    assert.equal(foregroundOf(theme, 0x1ff0000), "39");
  });

  const consoleColors: readonly (readonly [ColorDepth, ConsoleColor, string])[] = [
    ["truecolor", 1, "31"],
    ["truecolor", 9, "91"],
    ["truecolor", 200, "38;5;200"],
    ["truecolor", 0x1123456, "38;2;18;52;86"],
    ["256", 200, "38;5;200"],
    ["256", 0x1ff0000, "38;5;196"],
    ["256", 0x1808080, "38;5;244"],
    ["16", 9, "91"],
    ["16", 196, "91"],
    ["16", 0x1000000, "30"],
    ["16", 0x1fffffe, "97"],
  ];
  for (const [depth, color, sgr] of consoleColors) {
    it(`shows the console's colour ${color.toString(16)} as ${sgr} in ${depth}`, () => {
      assert.equal(foregroundOf(createTheme(depth), color), sgr);
    });
  }

  const detections: readonly (readonly [term: string, env: Record<string, string>, ColorDepth])[] = [
    ["xterm-256color", {}, "256"],
    ["xterm-256color", { COLORTERM: "truecolor" }, "truecolor"],
    ["xterm-256color", { COLORTERM: "24bit" }, "truecolor"],
    ["xterm-256color", { COLORTERM: "yes" }, "256"],
    ["xterm-256color", { NO_COLOR: "1", COLORTERM: "truecolor" }, "none"],
    ["xterm-256color", { NO_COLOR: "" }, "256"],
    ["xterm-kitty", {}, "truecolor"],
    ["alacritty", {}, "truecolor"],
    ["xterm-direct", {}, "truecolor"],
    ["tmux-256color", {}, "256"],
    ["screen", {}, "16"],
    ["linux", {}, "16"],
    ["xterm", {}, "16"],
    ["putty", {}, "16"],
    ["vt100", {}, "none"],
    ["vt220", {}, "none"],
    ["xterm-mono", {}, "none"],
    ["something new", {}, "16"],
  ];
  for (const [term, env, depth] of detections) {
    it(`gives TERM=${term} with ${JSON.stringify(env)} ${depth} colours`, () => {
      assert.equal(detectColors(term, new Map(Object.entries(env))), depth);
    });
  }

  const replies: readonly (readonly [string, Backdrop | undefined])[] = [
    ["11;rgb:0000/0000/0000", "dark"],
    ["11;rgb:1e1e/1e1e/2e2e", "dark"],
    ["11;rgb:ffff/ffff/ffff", "light"],
    ["11;rgb:fd/f6/e3", "light"],
    ["11;rgba:ff/ff/ff/80", "light"],
    ["11;rgb:f/f/f", "light"],
    ["10;rgb:ff/ff/ff", undefined],
    ["11;?", undefined],
    ["", undefined],
  ];
  for (const [reply, backdrop] of replies) {
    it(`takes the answer "${reply}" for ${backdrop ?? "nothing"}`, () => {
      assert.equal(backdropOf(reply), backdrop);
    });
  }

  it("remembers a bounded number of styles", () => {
    const theme = createTheme("truecolor");
    for (let color = 0; color < 100_000; color++) theme.resolve(0x1000000 + color, defaultColor, 0);
    assert.equal(theme.resolve(0x1000001, defaultColor, 0).foreground, "38;2;0;0;1");
  });
});
