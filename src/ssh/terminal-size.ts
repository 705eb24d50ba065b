import type { TerminalSize } from "../base/terminal.ts";

/** What the client says about its window; some clients send 0x0, and a malformed message omits fields. */
export interface ClaimedSize {
  readonly cols: number | undefined;
  readonly rows: number | undefined;
}

/** A size that can be drawn: 20x5 to 500x200; a dimension of 0 is unknown and becomes that of 80x24. */
export function terminalSize(claimed: ClaimedSize): TerminalSize {
  return {
    columns: clamp(claimed.cols || 80, 20, 500),
    rows: clamp(claimed.rows || 24, 5, 200),
  };
}

function clamp(value: number, min: number, max: number): number {
  return Math.max(min, Math.min(max, value));
}
