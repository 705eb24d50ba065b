/**
 * The terminal of a person whose connection is at another node: what the screens of this node draw on. `unacknowledged`
 * counts up to the person's own side: the other node reports what has arrived there, so a slow line is as visible here
 * as it is there.
 */
import type { Duplex } from "node:stream";
import { ConnectedTerminal, maxQueuedBytes } from "../base/connected-terminal.ts";
import { logBug } from "../base/error-report.ts";
import { Emitter, type Event } from "../base/events.ts";
import type { FrameReader } from "../base/frame-reader.ts";
import type { Log } from "../base/log.ts";
import type { Share } from "../base/shares.ts";
import { nodeFrameKind, numberIn, sendFrame, sendNumber, type NodeFrame } from "./node-frames.ts";
import { parseSize, type Hello } from "./hello.ts";

/**
 * Bytes typed while nobody listens or the input is paused: the other node is told to pause, and this much may be on its
 * way.
 */
const maxTyped = 4 << 20;

/** A terminal on a stream from another node. */
export class RelayedTerminal extends ConnectedTerminal {
  readonly #stream: Duplex;
  readonly #log: Log;
  readonly #dismissed = new Emitter<string>();
  /** Typed and not delivered yet. */
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #listened = false;
  #paused = false;

  /** Disposes of `share` when the terminal is gone. */
  constructor(
    stream: Duplex,
    reader: FrameReader<NodeFrame>,
    { hello, share, log }: { readonly hello: Hello; readonly share: Share & Disposable; readonly log: Log },
  ) {
    super({ term: hello.term, env: new Map(hello.env), size: hello.size, erase: hello.erase, share });
    this.#stream = stream;
    this.#log = log;
    stream.once("close", () => share[Symbol.dispose]());
    if (stream.destroyed) share[Symbol.dispose]();
    stream.on("data", (chunk: Buffer) => this.#read(reader, chunk));
    stream.once("close", () => this.disconnected());
    stream.once("end", () => this.disconnected());
    stream.resume();
    if (stream.destroyed) this.disconnected();
  }

  /** Fires when the person's own node ends: the screen should show the reason and leave. */
  get onDismiss(): Event<string> {
    return this.#dismissed.on;
  }

  pauseInput(): void {
    if (this.#paused) return;
    this.#paused = true;
    sendFrame(this.#stream, nodeFrameKind.pause);
  }

  resumeInput(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#deliver();
    if (!this.#paused) sendFrame(this.#stream, nodeFrameKind.resume);
  }

  override disconnected(): void {
    this.#waiting = [];
    super.disconnected();
  }

  protected startInput(): void {
    this.#listened = true;
    this.#deliver();
  }

  protected send(bytes: Buffer): void {
    this.acknowledgements.sent(bytes.length);
    sendFrame(this.#stream, nodeFrameKind.output, bytes);
    if (this.#stream.writableLength > maxQueuedBytes) this.#abandon("a terminal's queue is full");
  }

  protected end(status: number): void {
    sendNumber(this.#stream, nodeFrameKind.close, Math.max(0, status));
    this.#stream.end();
  }

  protected protect(action: () => void): void {
    try {
      action();
    } catch (error) {
      logBug(error, this.#log);
      if (!this.closed) this.#abandon("a relayed terminal failed");
    }
  }

  #read(reader: FrameReader<NodeFrame>, chunk: Buffer): void {
    this.protect(() => {
      for (const frame of reader.read(chunk)) this.#take(frame);
    });
  }

  #take(frame: NodeFrame): void {
    if (this.closed) return;
    switch (frame.kind) {
      case nodeFrameKind.input:
        this.#waiting.push(frame.payload);
        this.#waitingBytes += frame.payload.length;
        if (this.#waitingBytes > maxTyped) this.#abandon("too much input");
        return this.#deliver();
      case nodeFrameKind.resize: {
        const size = parseSize(frame.payload);
        if (size) this.setSize(size);
        return undefined;
      }
      case nodeFrameKind.arrived:
        return this.arrived(numberIn(frame));
      case nodeFrameKind.dismiss:
        return this.#dismissed.emit(frame.payload.toString());
      default:
        return undefined; // a newer node may send kinds that we don't know
    }
  }

  #deliver(): void {
    while (this.#listened && !this.#paused && !this.closed) {
      const bytes = this.#waiting.shift();
      if (!bytes) return;
      this.#waitingBytes -= bytes.length;
      this.type(bytes);
    }
  }

  #abandon(reason: string): void {
    this.#log.warn("relayed terminal abandoned", { reason });
    this.#stream.destroy();
    this.disconnected();
  }
}
