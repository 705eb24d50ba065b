/** A Terminal in memory whose output feeds an emulator, for fast tests of screens. Signatures first. */
import type { Terminal } from "../../src/base/terminal.ts";
import type { CellView } from "./terminal-client.ts";

export interface FakeTerminalOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly term?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export declare function createFakeTerminal(options?: FakeTerminalOptions): FakeTerminal;

export interface FakeTerminal extends Terminal, Disposable {
  /** Bytes typed by the person. */
  input(data: string | Buffer): void;
  press(key: string): void;
  paste(text: string): void;
  resizeTo(columns: number, rows: number): void;
  /** Resolves when the emulator has taken in all that was written. */
  settled(): Promise<void>;
  screen(): readonly string[];
  cell(row: number, column: number): CellView;
  cursor(): { row: number; column: number; visible: boolean };
  title(): string;
  alternate(): boolean;
  /** All that was written since the last call. */
  takeOutput(): string;
  /** Makes `unacknowledged` grow with every write until `acknowledge`. */
  holdAcknowledgements(): void;
  acknowledge(): void;
  readonly exitStatus: number | undefined;
}
