import type { CommandContext } from "./command.ts";

/**
 * Runs slow work on many things. If standard error is a terminal, one line shows the progress and is erased at the end;
 * anywhere else nothing is shown, because a script would have to read it.
 */
export async function withProgress<T>(
  { stderr, terminal }: Pick<CommandContext, "stderr" | "terminal">,
  what: string,
  of: number,
  work: (onProgress: (done: number) => void) => Promise<T>,
): Promise<T> {
  if (!terminal || of < 2) return await work(() => undefined);
  let shown = -1;
  const show = (done: number): void => {
    const percent = Math.floor((done / of) * 100);
    if (percent === shown) return;
    shown = percent;
    stderr.write(`\r${what}: ${done} of ${of}\x1b[K`);
  };
  try {
    return await work(show);
  } finally {
    if (shown >= 0) stderr.write("\r\x1b[K");
  }
}
