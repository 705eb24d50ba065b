/** The settings that bound one run. */
export interface RunLimits {
  readonly runSeconds: number;
  readonly runMemoryMebibytes: number;
  readonly runProcesses: number;
  readonly runThreads: number;
  readonly outputKibibytesPerSecond: number;
  readonly outputMebibytes: number;
}

/**
 * A directory of the host as it appears in a jail. Targets follow the path language: /home/ada, "/course/Lecture
 * Notes".
 */
export interface Mount {
  readonly source: string;
  readonly target: string;
  readonly writable: boolean;
  /**
   * Whether other jails show the same files: then each gets its own inodes, since everyone who can open a file sees the
   * locks on it.
   */
  readonly common?: boolean;
  /**
   * Whether symbolic links there lead anywhere; true by default. In somebody else's files one could lead into what only
   * the owner of this jail may write.
   */
  readonly followLinks?: boolean;
}

/** What a jail shows of the host, and what may be kept there. */
export interface JailSpec {
  /** Account that the programs run as. */
  readonly owner: string;
  /** Who starts them, if that is somebody else: simultaneous runs are counted for this account. */
  readonly startedBy?: string;
  /** Sources must be in directories that only the server can change: they are mounted by path. */
  readonly mounts: readonly Mount[];
  /** Working directory of a Python without a program, as a path in the jail. */
  readonly directory: string;
  /** HOME, as a path in the jail. */
  readonly home: string;
  /** Further environment variables. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Directory on the host that is measured while a program runs, and its limits: bytes, and files, folders and links. */
  readonly workspaceDirectory: string;
  readonly workspaceBytes: number;
  readonly workspaceEntries: number;
  /** Equal for the jails whose memory, processes and threads are counted together; undefined for one that is alone. */
  readonly together?: string | undefined;
  /** Limits that hold instead of the server's usual ones. */
  readonly limits?: Partial<RunLimits> | undefined;
  /**
   * File that notes what the server itself writes there (base/server-writes.ts), which is never removed as a program's.
   */
  readonly serverWritesFile?: string;
  /** Whether the kernel refuses what exceeds the limit: then a program gets EDQUOT, and is ended only if that fails. */
  readonly quotaByKernel?: boolean;
}
