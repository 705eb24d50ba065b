import { Emitter } from "../../src/base/events.ts";
import type { Lock } from "../../src/locks/lock.ts";
import type { LockManager } from "../../src/locks/lock-manager.ts";

/** Locks for tests of other things: whoever asks gets one. */
export const freeLocks = {
  onRestored: new Emitter<void>().on,
  async tryAcquire(name: string) {
    return { lock: freeLock(name) };
  },
  async fenced<T>(_lock: Lock, write: (fence: { check(): void }) => Promise<T>): Promise<T> {
    return write({ check: () => undefined });
  },
} as unknown as LockManager;

function freeLock(name: string): Partial<Lock> {
  return {
    name,
    held: true,
    lostBecause: undefined,
    waiters: [],
    lost: new AbortController().signal,
    onWanted: new Emitter<never>().on,
    onUnwanted: new Emitter<never>().on,
    release: () => Promise.resolve(),
  };
}
