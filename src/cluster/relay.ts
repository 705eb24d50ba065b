/**
 * The node with a person's connection passes it on to the node with the session. It only carries bytes: nothing is
 * drawn or interpreted here. Both directions have back-pressure: what the person's line does not take is not
 * acknowledged to the session's node, which then skips frames; what that node does not take is not read from the
 * person.
 */
import type { Duplex } from "node:stream";
import { drainLevel } from "../base/acknowledgements.ts";
import type { Event } from "../base/events.ts";
import { FrameReader } from "../base/frame-reader.ts";
import type { Log } from "../base/log.ts";
import { Scope } from "../base/scope.ts";
import type { Terminal } from "../base/terminal.ts";
import { nodeFrameKind, nodeFrames, numberIn, sendFrame, sendNumber, type NodeFrame } from "./node-frames.ts";
import type { Hello } from "./hello.ts";

/** How a relay ended. The terminal is left open, except for "left". */
export type RelayEnd =
  /** The session's screen said goodbye and wants the terminal closed. */
  | { readonly kind: "closed"; readonly status: number }
  /** The node no longer has such a session. */
  | { readonly kind: "gone" }
  /** The node, or the way to it, broke while the session was shown. */
  | { readonly kind: "lost" }
  /** The person's own connection ended. */
  | { readonly kind: "left" };

/** What a relay connects. */
export interface RelayOptions {
  readonly stream: Duplex;
  readonly terminal: Terminal;
  readonly who: Omit<Hello, "term" | "env" | "size" | "erase">;
  /** Fires when this node is about to end: the screen is to show the reason, and leave. */
  readonly onDismiss: Event<string>;
  readonly log: Log;
}

/** Carries a terminal over a stream to another node until one of the three ends. */
export async function relay({ stream, terminal, who, onDismiss, log }: RelayOptions): Promise<RelayEnd> {
  await using scope = new Scope("relay");
  scope.defer(() => void stream.destroy());
  const { term, env, size, erase } = terminal;
  const hello: Hello = { ...who, term, env: [...env], size, erase };
  sendFrame(stream, nodeFrameKind.hello, Buffer.from(JSON.stringify(hello)));
  return await new Promise<RelayEnd>((resolve) => {
    const pump = new Pump(stream, terminal, scope, resolve);
    const reader = new FrameReader(nodeFrames);
    stream.on("data", (chunk: Buffer) => {
      try {
        for (const frame of reader.read(chunk)) pump.take(frame);
      } catch (error) {
        log.error("a node sent an invalid message", { error });
        resolve({ kind: "lost" });
      }
    });
    stream.once("close", () => resolve({ kind: "lost" }));
    stream.once("end", () => resolve({ kind: "lost" }));
    scope.own(terminal.onClose(() => resolve({ kind: "left" })));
    scope.own(onDismiss((reason) => void sendFrame(stream, nodeFrameKind.dismiss, Buffer.from(reason))));
    if (terminal.closed) resolve({ kind: "left" });
  });
}

class Pump {
  readonly #stream: Duplex;
  readonly #terminal: Terminal;
  readonly #scope: Scope;
  readonly #end: (end: RelayEnd) => void;
  /** Bytes written to the terminal and not yet reported as arrived. */
  #untold = 0;
  #pausedByPeer = false;
  #pausedByStream = false;

  constructor(stream: Duplex, terminal: Terminal, scope: Scope, end: (end: RelayEnd) => void) {
    this.#stream = stream;
    this.#terminal = terminal;
    this.#scope = scope;
    this.#end = end;
  }

  take(frame: NodeFrame): void {
    if (this.#scope.closed) return;
    switch (frame.kind) {
      case nodeFrameKind.accepted:
        return this.#connect();
      case nodeFrameKind.gone:
        return this.#end({ kind: "gone" });
      case nodeFrameKind.output:
        this.#terminal.write(frame.payload);
        this.#untold += frame.payload.length;
        return this.#tell();
      case nodeFrameKind.pause:
        this.#pausedByPeer = true;
        return this.#hold();
      case nodeFrameKind.resume:
        this.#pausedByPeer = false;
        return this.#hold();
      case nodeFrameKind.close:
        return this.#end({ kind: "closed", status: numberIn(frame) });
      default:
        return undefined;
    }
  }

  /** Starts reading keys. Only now: those of somebody whose session is gone belong to the next screen. */
  #connect(): void {
    const { columns, rows } = this.#terminal.size;
    this.#resize({ columns, rows });
    this.#scope.own(this.#terminal.onResize((size) => this.#resize(size)));
    this.#scope.own(this.#terminal.onDrain(() => this.#tell()));
    this.#stream.on("drain", () => {
      this.#pausedByStream = false;
      this.#hold();
    });
    this.#scope.defer(() => this.#terminal.resumeInput());
    this.#scope.own(
      this.#terminal.onInput((bytes) => {
        if (sendFrame(this.#stream, nodeFrameKind.input, bytes)) return;
        this.#pausedByStream = true;
        this.#hold();
      }),
    );
  }

  #resize({ columns, rows }: { readonly columns: number; readonly rows: number }): void {
    sendFrame(this.#stream, nodeFrameKind.resize, Buffer.from(JSON.stringify({ columns, rows })));
  }

  /**
   * Reports bytes that arrived. What a slow line has not taken is not reported, so that the session's node skips
   * frames.
   */
  #tell(): void {
    if (this.#untold === 0 || this.#terminal.unacknowledged >= drainLevel) return;
    sendNumber(this.#stream, nodeFrameKind.arrived, this.#untold);
    this.#untold = 0;
  }

  #hold(): void {
    if (this.#scope.closed) return;
    if (this.#pausedByPeer || this.#pausedByStream) this.#terminal.pauseInput();
    else this.#terminal.resumeInput();
  }
}
