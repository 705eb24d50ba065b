/** Ctrl-C on a terminal before a program is there to get it. */
import type { Readable } from "node:stream";
import { disposable } from "../base/scope.ts";

const interruptKey = 0x03;

/** Calls `interrupted` at Ctrl-C, until disposed. What is typed stays in the stream, for the program that follows. */
export function onInterruptKey(stdin: Readable, interrupted: () => void): Disposable {
  let seen = 0;
  const readKeys = (): void => {
    // Unshifting bytes makes the stream readable again.
    if (stdin.readableLength <= seen) return;
    const bytes = stdin.read() as Buffer | null;
    if (bytes === null) return;
    stdin.unshift(bytes);
    seen = stdin.readableLength;
    if (bytes.includes(interruptKey)) interrupted();
  };
  stdin.on("readable", readKeys);
  readKeys();
  return disposable(() => stdin.off("readable", readKeys));
}
