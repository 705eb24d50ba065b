/** The modes that are switched on in a terminal while a screen is shown, and how they are undone. */
import { UserError } from "../base/errors.ts";

/** TERM values of terminals that can't move the cursor. */
const withoutScreen = /^(|dumb|unknown|network|printer|emacs)$/;

/** Throws UserError "no-terminal" unless a terminal with this TERM can show a screen. */
export function requireScreen(term: string): void {
  if (!withoutScreen.test(term)) return;
  throw new UserError(
    "no-terminal",
    'the editor needs a full terminal, but this connection has none, or only a "dumb" one',
    'Connect with "ssh -t" (if your terminal can do more than it says, with "TERM=xterm-256color ssh ..."), or run a program without the editor: "ssh ... run FILE".',
  );
}

/** The sequences that begin and end a screen. */
export interface TerminalModes {
  /** Saves the terminal's content and switches our modes on. */
  readonly enter: string;
  /** Undoes `enter`: the terminal is as it was. */
  readonly leave: string;
  /** Whether the terminal has a window title and a clipboard. */
  readonly hasWindow: boolean;
  /** True when it inserts and deletes lines and characters, and scrolls parts of the screen. */
  readonly canMove: boolean;
}

/**
 * Terminals that understand IL, DL, ICH, DCH (CSI L, M, @, P) and DECSTBM: by their terminfo entries as ncurses ships
 * them, or by their sources where an entry uses another way to insert. A VT100 has no more than regions; a terminal
 * that nobody knows gets what it shows written again.
 */
const movers =
  /^(xterm|screen|tmux|rxvt-unicode|linux|vt[2-5]\d\d|vte|gnome|konsole|putty|alacritty|kitty|foot|wezterm|ghostty|st|iterm2?|contour|mintty|ms-terminal)(-|\.|$)/i;

// Sources: xterm's ctlseqs; console_codes(4). All terminals in use ignore private modes that they do not know. Window
// operations and OSC strings are not ignored by the Linux console and hardware terminals, so these get none.
const modes: readonly (readonly [on: string, off: string])[] = [
  ["\x1b[?7l", "\x1b[?7h"], // no automatic wrapping
  ["\x1b[?1l\x1b>", ""], // cursor keys and keypad in their normal mode
  ["\x1b[?2004h", "\x1b[?2004l"], // bracketed paste
  ["\x1b[?1004h", "\x1b[?1004l"], // focus reports
  ["\x1b[?1000h\x1b[?1002h\x1b[?1006h", "\x1b[?1006l\x1b[?1002l\x1b[?1000l"], // mouse: clicks, drags, in decimal
];

const saveTitle = "\x1b[22;2t";
const restoreTitle = "\x1b[23;2t";
const askBackground = "\x1b]11;?\x1b\\";
const clear = "\x1b[m\x1b[H\x1b[2J";

/** The modes for a terminal with this TERM. */
export function terminalModes(term: string): TerminalModes {
  const hasWindow = !/^(linux|vt\d|cons\d|ansi|sun)/.test(term);
  const on = modes.map(([sequence]) => sequence).join("");
  const off = modes
    .map(([, sequence]) => sequence)
    .toReversed()
    .join("");
  const quiet = "\x1b[?2026l\x1b[m";
  const enter = "\x1b[?1049h" + (hasWindow ? saveTitle : "") + on + (hasWindow ? askBackground : "");
  // Without an alternate screen, what we drew would stay: such terminals are cleared.
  const leave = quiet + off + (hasWindow ? restoreTitle : clear) + "\x1b[?25h\x1b[?1049l";
  return { enter, leave, hasWindow, canMove: movers.test(term) };
}

/**
 * The sequence that sets the window's title. Control characters are removed, because a file's name may contain them.
 */
export function titleSequence(title: string): string {
  return `\x1b]2;${title.replace(/[\0-\x1f\x7f-\x9f]/g, "").slice(0, 200)}\x07`;
}

/** Longest text in base64 that terminals commonly accept for the clipboard. */
const maxCopyLength = 74_994;

/** The sequence that puts text on the clipboard (OSC 52); undefined when the text is too long. */
export function copySequence(text: string): string | undefined {
  const encoded = Buffer.from(text).toString("base64");
  return encoded.length > maxCopyLength ? undefined : `\x1b]52;c;${encoded}\x07`;
}
