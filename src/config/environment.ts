/** The only file that reads the process's environment. */

/** The environment at start, as the settings loader takes it. */
export function processEnvironment(): Readonly<Record<string, string | undefined>> {
  return process.env;
}

/**
 * Removes variables from our environment that change what libraries do unnoticed: with TMUX set, blessed runs `tmux -V`
 * synchronously for each screen; NODE_OPTIONS and LD_PRELOAD must not reach children.
 */
export function cleanEnvironment(): void {
  for (const name of ["TMUX", "TMUX_PANE", "STY", "NODE_OPTIONS", "LD_PRELOAD"]) delete process.env[name];
}

/** How the previous server ended, in the words of bin/supervise, which restarts us; undefined for a first start. */
export function endedBefore(): string | undefined {
  return process.env.SUPERVISE_ENDED?.slice(0, 200) || undefined;
}

/** Descriptor of a bound socket to serve on, made by bin/listen as root; undefined for none. */
export function inheritedListener(): number | undefined {
  const number = process.env.SUPERVISE_LISTENER;
  return number === undefined ? undefined : Number(number);
}

/** Tells bin/supervise, if it started us, that we serve: from now on an end out of order is a reason to restart. */
export function tellSupervisor(): void {
  if (process.env.SUPERVISE_PID === String(process.ppid)) process.kill(process.ppid, "SIGUSR1");
}

/** Makes this process tell times in a zone, an IANA name; "" leaves the machine's. */
export function useTimeZone(name: string): void {
  if (name !== "") process.env.TZ = name;
}

/** Enlarges the thread pool; libuv reads this once, when the pool is first used. */
export function widenThreadPool(): void {
  process.env.UV_THREADPOOL_SIZE ??= "8";
}
