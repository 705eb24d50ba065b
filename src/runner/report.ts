/** What trying a jail at the start found; `doctor` shows it. */
export interface JailReport {
  readonly available: boolean;
  /** Why there is no jail. */
  readonly reason?: string;
  /** Command that would help: "apt-get install bubblewrap". */
  readonly install?: string;
  /** Account that programs run as, if it is not the server's own. */
  readonly user?: string | undefined;
  readonly cgroups: "v2" | "v1" | "none";
  /** What is not guaranteed on this machine, a sentence each. */
  readonly notes: readonly string[];
}
