/** What the probes at start found; `doctor` shows it. */
export interface JailReport {
  readonly available: boolean;
  /** Why there is no jail. */
  readonly reason?: string;
  /** What to do about it, "apt-get install bubblewrap". */
  readonly install?: string;
  /** The account that programs run as, where it is not the server's own. */
  readonly user?: string | undefined;
  readonly cgroups: "v2" | "v1" | "none";
  /** What is not guaranteed on this machine, a sentence each. */
  readonly notes: readonly string[];
}
