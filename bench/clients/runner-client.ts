/** A client process: one person who starts a program, and looks at the screen that an emulator makes of the output. */
import xterm from "@xterm/headless";
import { serveCalls } from "../base/worker.ts";
import type { Target } from "../servers/target.ts";
import { openShell, type Shell } from "./shell.ts";

const terminal = new xterm.Terminal({ cols: 80, rows: 24, allowProposedApi: true });
/** Milliseconds after which nothing will come any more, on however busy a machine. */
const patience = 240_000;
const waiters = new Set<(screen: string, at: number) => void>();
let shell: Shell | undefined;

const calls = {
  /** Logs in; resolves when the screen holds all of `texts`. */
  async logIn({ target, texts }: { target: Target; texts: readonly string[] }): Promise<void> {
    shell = await openShell(target, ({ data, at }) => {
      terminal.write(data, () => {
        const screen = text();
        for (const waiter of waiters) waiter(screen, at);
      });
    });
    await seen((screen) => texts.every((text) => screen.includes(text)));
  },

  /** Presses `keys`, which start the program. Resolves with the milliseconds to the chunk that puts a program's output on the screen, once the prompt is back. */
  async run({ keys, output, prompt }: { keys: string; output: RegExp; prompt: string }): Promise<number> {
    if (!shell) throw new Error("nobody is logged in");
    const before = last(output);
    let shown: string | undefined;
    const answered = seen(() => {
      shown = last(output);
      return shown !== undefined && shown !== before;
    });
    const begin = performance.now();
    shell.write(keys);
    const end = await answered;
    await seen((screen) => screen.slice(screen.lastIndexOf(shown ?? "")).includes(prompt));
    return end - begin;
  },
};

export type RunnerClientCalls = typeof calls;

/** Resolves with the time at which the chunk came in that made it so. */
function seen(condition: (screen: string) => boolean): Promise<number> {
  if (condition(text())) return Promise.resolve(performance.now());
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`waited in vain for a change of this screen:\n${text()}`)),
      patience,
    );
    const waiter = (screen: string, at: number): void => {
      if (!condition(screen)) return;
      waiters.delete(waiter);
      clearTimeout(timer);
      resolve(at);
    };
    waiters.add(waiter);
  });
}

/** The lowest match on the screen: outputs of earlier runs stand above it. */
function last(pattern: RegExp): string | undefined {
  return [...text().matchAll(pattern)].at(-1)?.[0];
}

function text(): string {
  const { active } = terminal.buffer;
  return Array.from(
    { length: terminal.rows },
    (_, row) => active.getLine(active.baseY + row)?.translateToString(true) ?? "",
  ).join("\n");
}

serveCalls(calls);
