/**
 * Keeps a connection within its person's share of the thread. The time that reading its bytes took is charged, whatever
 * they cause, and a person in debt is not read until it is paid: TCP then slows the client down, nothing is dropped,
 * and nothing waits in our memory but what was read already. 64 KiB can contain thousands of packets, so they are read
 * in slices too, with everybody else in between.
 */
import type { Socket } from "node:net";
import type { Connection as Ssh2Connection } from "ssh2";
import type { Clock } from "../base/clock.ts";
import type { Share } from "../base/shares.ts";
import type { SocketHold } from "./socket-hold.ts";
import { protocolOf } from "./ssh2-internals.ts";

/** Reading time before others have their turn. */
const maxSliceMs = 4;
/** Bytes between two readings of the clock; some 20 of the smallest packets. */
const pieceBytes = 1024;

/** What the flow of a connection works with. */
export interface FlowOptions {
  readonly client: Ssh2Connection;
  readonly socket: Socket;
  readonly hold: SocketHold;
  readonly clock: Clock;
  /** Share of whoever the connection belongs to by now. */
  readonly share: () => Share;
}

/** Inserts itself before ssh2's parser. */
export function keepToShare({ client, socket, hold, clock, share }: FlowOptions): Disposable {
  const protocol = protocolOf(client);
  const parse = protocol.parse.bind(protocol);
  let waiting: Buffer = Buffer.alloc(0);
  let pause: Disposable | undefined;
  let next: NodeJS.Immediate | undefined;
  /** Aborted when the connection is gone, or has failed. */
  const over = new AbortController();

  /** Reads for a while; true when nothing is left. */
  const slice = (): boolean => {
    const began = clock.monotonic();
    const done = share().measure();
    try {
      while (waiting.length > 0 && !over.signal.aborted && clock.monotonic() - began < maxSliceMs) {
        const piece = waiting.subarray(0, pieceBytes);
        waiting = waiting.subarray(piece.length);
        parse(piece, 0, piece.length);
      }
    } finally {
      done();
    }
    return waiting.length === 0 || over.signal.aborted;
  };

  const goOn = (): void => {
    pause = undefined;
    next = undefined;
    if (over.signal.aborted) return;
    if (share().wait() > 0) return rest();
    try {
      if (!slice()) return void (next = setImmediate(goOn));
    } catch (error) {
      // As ssh2 does when its own parser throws.
      over.abort();
      client.emit("error", error as Error);
      return;
    }
    if (share().wait() > 0) rest();
    else hold.release("share");
  };
  const rest = (): void => void (pause = share().whenFree(goOn));

  protocol.parse = (chunk, start, end) => {
    const bytes = chunk.subarray(start, end);
    waiting = waiting.length > 0 ? Buffer.concat([waiting, bytes]) : bytes;
    if (pause || next) return; // a piece that was on its way when the socket was held
    const waits = share().wait() > 0;
    const done = !waits && slice();
    if (done && share().wait() === 0) return;
    hold.hold("share");
    if (share().wait() > 0) rest();
    else next = setImmediate(goOn);
  };
  const end = (): void => {
    over.abort();
    pause?.[Symbol.dispose]();
    if (next) clearImmediate(next);
  };
  socket.once("close", end);
  return { [Symbol.dispose]: end };
}
