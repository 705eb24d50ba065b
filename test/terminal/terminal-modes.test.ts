import assert from "node:assert/strict";
import { terminalModes } from "../../src/terminal/terminal-modes.ts";

describe("the modes of a terminal", () => {
  it("have lines and characters moved only where the terminal is known to do it", () => {
    const names = {
      true: "xterm xterm-256color xterm-kitty tmux tmux-256color screen screen.xterm-256color screen-256color-bce linux rxvt-unicode-256color vt220 putty-256color konsole-direct alacritty foot-extra st-256color ms-terminal",
      false: "vt100 vt102 vt52 ansi sun cons25 rxvt stv52 screenwriter xtermless a-terminal-of-tomorrow",
    };
    for (const [canMove, terms] of Object.entries(names))
      for (const term of terms.split(" ")) assert.equal(String(terminalModes(term).canMove), canMove, term);
  });
});
