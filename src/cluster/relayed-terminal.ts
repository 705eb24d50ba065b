/**
 * A person's terminal whose connection is at another node: what the screens of this node draw on. `unacknowledged` counts to
 * the person's own side: the other node tells what has arrived there, so a slow line is as visible here as it is there.
 */
import type { Duplex } from "node:stream";
import { Acknowledgements } from "../base/acknowledgements.ts";
import { logBug } from "../base/error-report.ts";
import { Emitter, type Event } from "../base/events.ts";
import type { Log } from "../base/log.ts";
import type { Share } from "../base/shares.ts";
import type { Terminal, TerminalSize } from "../base/terminal.ts";
import { frameKind, FrameReader, numberIn, sendFrame, sendNumber, type Frame } from "./frames.ts";
import { parseSize, type Hello } from "./hello.ts";

/** A screen that writes on to somebody who does not read is a bug of ours; memory must survive it. */
const mostQueued = 8 << 20;
/** Typed while nobody listens or the input is paused: the other node is told to pause, this much may be on its way. */
const mostTyped = 4 << 20;

export class RelayedTerminal implements Terminal {
  readonly term: string;
  readonly env: ReadonlyMap<string, string>;
  readonly share: Share;
  readonly #stream: Duplex;
  readonly #log: Log;
  readonly #resized = new Emitter<TerminalSize>();
  readonly #typed = new Emitter<Buffer>();
  readonly #gone = new Emitter<void>();
  readonly #drained = new Emitter<void>();
  readonly #dismissed = new Emitter<string>();
  readonly #output = new Acknowledgements();
  /** Typed, and not delivered yet. */
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #listened = false;
  #paused = false;
  #size: TerminalSize;
  #closed = false;

  /** Gives `share` back when the terminal is gone. */
  constructor(stream: Duplex, reader: FrameReader, { hello, share, log }: { readonly hello: Hello; readonly share: Share & Disposable; readonly log: Log }) {
    this.#stream = stream;
    this.#log = log;
    this.share = share;
    stream.once("close", () => share[Symbol.dispose]());
    if (stream.destroyed) share[Symbol.dispose]();
    this.term = hello.term;
    this.env = new Map(hello.env);
    this.#size = hello.size;
    stream.on("data", (chunk: Buffer) => this.#read(reader, chunk));
    stream.once("close", () => this.#disconnected());
    stream.once("end", () => this.#disconnected());
    stream.resume();
    if (stream.destroyed) this.#closed = true;
  }

  get size(): TerminalSize {
    return this.#size;
  }

  get onResize(): Event<TerminalSize> {
    return this.#resized.on;
  }

  readonly onInput: Event<Buffer> = (listener) => {
    const registration = this.#typed.on(listener);
    this.#listened = true;
    this.#deliver();
    return registration;
  };

  get onClose(): Event<void> {
    return this.#gone.on;
  }

  get onDrain(): Event<void> {
    return this.#drained.on;
  }

  /** The person's own node ends: the screen should show this reason and leave. */
  get onDismiss(): Event<string> {
    return this.#dismissed.on;
  }

  get closed(): boolean {
    return this.#closed;
  }

  get unacknowledged(): number {
    return this.#output.unacknowledged;
  }

  pauseInput(): void {
    if (this.#paused) return;
    this.#paused = true;
    sendFrame(this.#stream, frameKind.pause);
  }

  resumeInput(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#deliver();
    if (!this.#paused) sendFrame(this.#stream, frameKind.resume);
  }

  write(data: string | Buffer): void {
    if (this.#closed) return;
    const bytes = typeof data === "string" ? Buffer.from(data) : data;
    if (bytes.length === 0) return;
    this.#output.sent(bytes.length);
    sendFrame(this.#stream, frameKind.output, bytes);
    if (this.#stream.writableLength > mostQueued) this.#abandon("a terminal's queue is full");
  }

  close(status: number): void {
    if (this.#closed) return;
    sendNumber(this.#stream, frameKind.close, Math.max(0, status));
    this.#stream.end();
    this.#disconnected();
  }

  #read(reader: FrameReader, chunk: Buffer): void {
    try {
      for (const frame of reader.read(chunk)) this.#take(frame);
    } catch (error) {
      logBug(error, this.#log);
      this.#abandon("a relayed terminal failed");
    }
  }

  #take(frame: Frame): void {
    if (this.#closed) return;
    switch (frame.kind) {
      case frameKind.input:
        this.#waiting.push(frame.payload);
        this.#waitingBytes += frame.payload.length;
        if (this.#waitingBytes > mostTyped) this.#abandon("too much input");
        return this.#deliver();
      case frameKind.resize:
        return this.#resize(parseSize(frame.payload));
      case frameKind.arrived:
        return void (this.#output.arrived(numberIn(frame)) && this.#drained.emit());
      case frameKind.dismiss:
        return this.#dismissed.emit(frame.payload.toString());
      default:
        return undefined; // a newer node says more than we know
    }
  }

  #deliver(): void {
    while (this.#listened && !this.#paused && !this.#closed) {
      const bytes = this.#waiting.shift();
      if (!bytes) return;
      this.#waitingBytes -= bytes.length;
      this.#typed.emit(bytes);
    }
  }

  #resize(size: TerminalSize | undefined): void {
    if (!size || (size.columns === this.#size.columns && size.rows === this.#size.rows)) return;
    this.#size = size;
    this.#resized.emit(size);
  }

  #abandon(reason: string): void {
    this.#log.warn("relayed terminal abandoned", { reason });
    this.#stream.destroy();
    this.#disconnected();
  }

  #disconnected(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#waiting = [];
    try {
      this.#gone.emit();
    } catch (error) {
      logBug(error, this.#log);
    }
  }
}
