/** A real terminal for tests: a command under a pty whose output feeds an emulator. Signatures first. */
export interface TerminalClientOptions {
  readonly columns?: number;
  readonly rows?: number;
  /** TERM and the rest of the command's whole environment; PATH, TERM=xterm-256color and LANG=C.UTF-8 by default. */
  readonly env?: Readonly<Record<string, string>>;
  /** Default time limit of every wait, milliseconds. */
  readonly timeLimit?: number;
}

export interface CellView {
  readonly text: string;
  readonly width: number;
  /** "default", a palette number, or "#rrggbb". */
  readonly foreground: "default" | number | string;
  readonly background: "default" | number | string;
  readonly bold: boolean;
  readonly dim: boolean;
  readonly italic: boolean;
  readonly underline: boolean;
  readonly inverse: boolean;
}

export declare function openTerminalClient(
  command: string,
  args: readonly string[],
  options?: TerminalClientOptions,
): TerminalClient;

export interface TerminalClient extends AsyncDisposable {
  /** Resolves as soon as the screen holds the text, matches, or the predicate is true; rejects with a screen dump. */
  wait(
    condition: string | RegExp | ((screen: readonly string[]) => boolean),
    options?: { timeLimit?: number },
  ): Promise<void>;
  screen(): readonly string[];
  cell(row: number, column: number): CellView;
  cursor(): { row: number; column: number; visible: boolean };
  title(): string;
  /** True while the alternate screen is shown. */
  alternate(): boolean;
  type(text: string): void;
  /** A bracketed paste, if the program asked for it. */
  paste(text: string): void;
  /** "F5", "Ctrl-S", "Shift-F5", "Alt-Up", "Enter" ... as xterm sends them. */
  press(key: string): void;
  mouse(
    action: "press" | "release" | "drag" | "click" | "double-click" | "wheel-up" | "wheel-down",
    row: number,
    column: number,
  ): void;
  resize(columns: number, rows: number): void;
  /** The command's exit status, once it ended. */
  readonly exited: Promise<number>;
  /** Ends the command if it still runs. */
  close(): Promise<void>;
}
