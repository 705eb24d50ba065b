/**
 * A dummy session on a terminal that leads nowhere, so that V8 compiles the code of a first screen before the first
 * person waits for it. Otherwise the first login after a start takes 100 ms longer than the second.
 */
import { systemClock } from "../../base/clock.ts";
import { UserError } from "../../base/errors.ts";
import { Emitter } from "../../base/events.ts";
import type { Log } from "../../base/log.ts";
import type { Terminal, TerminalSize } from "../../base/terminal.ts";
import { Turns } from "../../base/turns.ts";
import { Workbench, type WorkbenchOptions } from "../../session/workbench.ts";

const sample = `# Compute areas.\ndef area(width: float, height: float) -> float:\n    """Of a rectangle."""\n    return width * height\n\nfor side in range(1, 11):\n    print(f"{side}: {area(side, 2.5)}")\n`;

/** A workbench with a single file in memory and a Python that never starts. Disposing it leaves nothing behind. */
// oxlint-disable-next-line max-lines-per-function -- a stand-in for each thing that a workbench is given
export function rehearsalWorkbench(log: Log): Workbench {
  const file = {
    name: "welcome.py",
    path: "/home/nobody/welcome.py",
    kind: "file",
    size: sample.length,
    modifiedAt: 0,
    writable: true,
    stamp: "",
  };
  // Only what a session asks for when it opens; the real services need directories, a jail and a database.
  const workspace = {
    fileBytes: 1 << 20,
    roots: () => [{ path: "/home/nobody", label: "home", writable: true }],
    list: () => Promise.resolve({ entries: [file], truncated: false }),
    readText: () =>
      Promise.resolve({
        text: sample,
        stamp: "",
        writable: true,
        size: sample.length,
        lineEnding: "\n",
        byteOrderMark: false,
      }),
    stat: () => Promise.resolve(file),
    watch: () => ({ ready: Promise.resolve(), [Symbol.dispose]: () => undefined }),
  } as unknown as WorkbenchOptions["workspace"];
  const runner = {
    openConsole: () => {
      throw new UserError("no-jail", "this is a rehearsal", "Nobody reads this.");
    },
    spare: () => ({ [Symbol.asyncDispose]: () => Promise.resolve() }),
  } as unknown as WorkbenchOptions["runner"];
  const recovery = {
    // There is nothing: nobody has typed anything.
    directoryOf: () => "/nonexistent",
    forSession: () => ({
      keep: () => Promise.resolve(),
      forget: () => Promise.resolve(),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }),
    claim: () => Promise.resolve({ entries: [], unreadable: [], release: () => Promise.resolve() }),
  } as unknown as WorkbenchOptions["recovery"];
  // Real locks would need a database, and nobody competes for these.
  const locks = {
    onRestored: new Emitter<void>().on,
    tryAcquire: () => Promise.reject(new UserError("database-unavailable", "this is a rehearsal")),
  } as unknown as WorkbenchOptions["locks"];
  const jailSpec = {
    owner: "nobody",
    mounts: [],
    directory: "/home/nobody",
    home: "/home/nobody",
    workspaceDirectory: "",
    workspaceBytes: 0,
    workspaceEntries: 0,
  };
  return new Workbench({
    id: "rehearsal",
    person: { username: "nobody", role: "student", name: undefined },
    workspace,
    jailSpec,
    highestLimits: { runSeconds: 1, runMemoryMebibytes: 32, runProcesses: 2, outputMebibytes: 1 },
    runner,
    studentSandboxes: {} as unknown as WorkbenchOptions["studentSandboxes"],
    runs: { take: () => ({ allowed: true, retryAfterSeconds: 0 }) } as unknown as WorkbenchOptions["runs"],
    fileOperations: {
      take: () => ({ allowed: true, retryAfterSeconds: 0 }),
    } as unknown as WorkbenchOptions["fileOperations"],
    takeOverSeconds: 0,
    recovery,
    locks,
    isLive: () => false,
    courseChanges: new Emitter<readonly string[]>().on,
    courseName: "",
    publicAddress: { host: "", port: 0 },
    openFiles: 1,
    consoles: 1,
    turns: new Turns(systemClock, () => undefined),
    clock: systemClock,
    log,
  });
}

/** A terminal that shows nothing; `type` is its keyboard. */
export class RehearsalTerminal implements Terminal {
  readonly term = "xterm-256color";
  readonly env: ReadonlyMap<string, string> = new Map([["LANG", "C.UTF-8"]]);
  readonly size: TerminalSize;
  readonly #typed = new Emitter<Buffer>();
  readonly #closing = new Emitter<void>();
  readonly onInput = this.#typed.on;
  readonly onClose = this.#closing.on;
  readonly onResize = new Emitter<TerminalSize>().on;
  readonly onDrain = new Emitter<void>().on;
  readonly unacknowledged = 0;
  closed = false;

  constructor(size: TerminalSize = { columns: 80, rows: 24 }) {
    this.size = size;
  }

  /** Delivers bytes as if they had been typed. */
  type(bytes: string): void {
    this.#typed.emit(Buffer.from(bytes));
  }

  pauseInput(): void {
    // Nothing arrives but what `type` sends.
  }

  resumeInput(): void {
    // Likewise.
  }

  write(): void {
    // There is nothing to show it on.
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.#closing.emit();
  }
}
