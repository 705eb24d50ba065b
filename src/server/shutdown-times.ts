/**
 * How long each part of a server may take to end in order. Each waits for those below it, so the times go down: a
 * worker saves and tells its people, the primary waits for its workers, the process for all. bin/supervise waits
 * without a limit; systemd and container engines are told 40 s (docs/deployment.md).
 */
export const shutdownTimes = {
  /** A process that was asked to end ends by then, finished or not. */
  processMs: 25_000,
  /** Workers that have not ended by then are killed. */
  workersMs: 20_000,
  /** A worker ends by then, also when its primary is gone. */
  workerMs: 15_000,
} as const;
