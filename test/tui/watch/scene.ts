/** Ada's session on a terminal in memory, and viewers of it. */
import type { ViewMode } from "../../../src/auth/attaching.ts";
import { systemClock } from "../../../src/base/clock.ts";
import { silentLog } from "../../../src/base/log.ts";
import type { Seat } from "../../../src/classroom/seat.ts";
import { openGuestClient, type AttachOptions } from "../../../src/tui/attach.ts";
import { showSession, type ShowSessionEnd } from "../../../src/tui/watch/show-session.ts";
import { Windows } from "../../../src/tui/watch/windows.ts";
import { createFakeTerminal, type FakeTerminal, type FakeTerminalOptions } from "../../support/fake-terminal.ts";
import { openStage, type Stage } from "../views/stage.ts";

export interface Scene {
  readonly stage: Stage;
  readonly windows: Windows;
}

export async function withScene(
  work: (scene: Scene) => Promise<void>,
  options: FakeTerminalOptions & { announcement?: string } & Partial<Pick<AttachOptions, "changePassword">> = {},
): Promise<void> {
  const windows = new Windows();
  await using stage = await openStage({ columns: 100, rows: 30, ...options, windows });
  await work({ stage, windows });
}

export interface Viewing extends AsyncDisposable {
  readonly terminal: FakeTerminal;
  readonly modes: readonly ViewMode[];
  readonly end: Promise<ShowSessionEnd>;
}

export function attachTo(
  { stage, windows }: Scene,
  options: FakeTerminalOptions & {
    mode?: ViewMode;
    name?: string;
    silent?: boolean;
    admits?: (mode: ViewMode) => boolean;
    classSeat?: Seat;
  } = {},
): Viewing {
  const { mode = "watch", name = "hopper", silent = false, admits = () => true, classSeat } = options;
  const terminal = createFakeTerminal(options);
  const leaving = new AbortController();
  const modes: ViewMode[] = [];
  const end = showSession(terminal, stage.workbench, {
    openClient: openGuestClient,
    viewer: { username: name, title: `Prof. ${name}` },
    person: "Ada",
    mode,
    silent,
    windows,
    admits,
    classSeat,
    onMode: (next) => void modes.push(next),
    leaving: leaving.signal,
    clock: systemClock,
    log: silentLog,
    onEdited: () => undefined,
  });
  return {
    terminal,
    modes,
    end,
    async [Symbol.asyncDispose]() {
      leaving.abort();
      await end.catch(() => undefined); // whoever waits for it is told
      terminal[Symbol.dispose]();
    },
  };
}
