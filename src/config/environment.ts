/** The only file that reads the process's environment. */

/** The environment at start, as the settings loader takes it. */
export function processEnvironment(): Readonly<Record<string, string | undefined>> {
  return process.env;
}

/**
 * Takes variables out of our own environment that change what libraries do behind our back: with TMUX set, blessed runs
 * `tmux -V` synchronously for each screen; NODE_OPTIONS and LD_PRELOAD must not reach children.
 */
export function cleanEnvironment(): void {
  for (const name of ["TMUX", "TMUX_PANE", "STY", "NODE_OPTIONS", "LD_PRELOAD"]) delete process.env[name];
}

/** How the server before this one ended, in the words of bin/supervise, which starts us again; undefined for a first start. */
export function endedBefore(): string | undefined {
  return process.env.SUPERVISE_ENDED?.slice(0, 200) || undefined;
}

/** The descriptor of a bound socket to serve on, which bin/listen has made as root; undefined for none. */
export function inheritedListener(): number | undefined {
  const number = process.env.SUPERVISE_LISTENER;
  return number === undefined ? undefined : Number(number);
}

/** Tells bin/supervise, if that started us, that we serve: from now on an end that is not in order is a reason to start again. */
export function tellSupervisor(): void {
  if (process.env.SUPERVISE_PID === String(process.ppid)) process.kill(process.ppid, "SIGUSR1");
}

/** libuv reads this once, when its thread pool is first used. */
export function widenThreadPool(): void {
  process.env.UV_THREADPOOL_SIZE ??= "8";
}
