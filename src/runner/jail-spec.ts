/** A directory of the host as it appears in a jail. Targets follow the path language: /home/ada, "/course/Lecture Notes". */
export interface Mount {
  readonly source: string;
  readonly target: string;
  readonly writable: boolean;
  /** Whether other jails show the same files: then each gets inodes of its own, since a lock on a file is seen by everyone who can open it. */
  readonly common?: boolean;
}

/** Where a person's programs run: what the jail shows of the host, and what may be kept there. */
export interface JailSpec {
  /** The account that the programs run as. */
  readonly owner: string;
  /** Who starts them, where that is somebody else: runs at once are counted for this account. */
  readonly startedBy?: string;
  /** The host's sources must lie in directories that only the server can change: they are mounted by path. */
  readonly mounts: readonly Mount[];
  /** Working directory, as a path in the jail. */
  readonly directory: string;
  /** HOME, as a path in the jail. */
  readonly home: string;
  /** Further environment variables. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The directory on the host whose size is watched while a program runs, and its limit in bytes. */
  readonly workspaceDirectory: string;
  readonly workspaceBytes: number;
  /** Where it is noted what the server itself writes there (base/server-writes.ts): that is never removed as something of a program. */
  readonly serverWritesFile?: string;
  /** Whether the kernel refuses what goes beyond: then a program reads EDQUOT, and is ended only when that does not hold. */
  readonly quotaByKernel?: boolean;
  /** How many files and folders may be there; 50,000 where nothing is said. */
  readonly workspaceEntries?: number;
}
