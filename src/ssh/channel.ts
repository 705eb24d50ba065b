/** An accepted shell or exec channel: its input, output and terminal, and the one way to end it. */
import { finished, type Writable } from "node:stream";
import type { ServerChannel } from "ssh2";
import type { Clock } from "../base/clock.ts";
import type { TerminalTraits } from "../base/connected-terminal.ts";
import { errorText, explain } from "../base/error-report.ts";
import type { Log } from "../base/log.ts";
import type { Share } from "../base/shares.ts";
import { ChannelInput } from "./channel-input.ts";
import { ChannelOutput, maxPacket } from "./channel-output.ts";
import { channelInternals } from "./ssh2-internals.ts";
import { pingBytes, TerminalChannel } from "./terminal-channel.ts";
import type { Wire } from "./wire.ts";

/** What a channel works with. */
export interface ChannelOptions {
  readonly channel: ServerChannel;
  readonly wire: Wire;
  readonly log: Log;
  readonly share: Share;
  readonly clock: Clock;
  /** Traits of the terminal, for a shell and for a command with a pty; otherwise undefined. */
  readonly terminal: TerminalTraits | undefined;
  /** Ends the whole connection: the channel is in a state that only bugs or attacks lead to. */
  abandon(reason: string): void;
}

type Ending = { readonly status: number } | { readonly signal: string };

/** A channel. */
export class Channel {
  readonly input: ChannelInput;
  readonly output: ChannelOutput;
  readonly terminal: TerminalChannel | undefined;
  readonly #channel: ServerChannel;
  readonly #log: Log;
  readonly #closed = new AbortController();
  #streams: readonly Writable[] = [];
  #ending = false;

  constructor(options: ChannelOptions) {
    const { channel, wire, log, terminal, share, clock } = options;
    this.#channel = channel;
    this.#log = log;
    this.input = new ChannelInput(channel);
    this.terminal =
      terminal &&
      new TerminalChannel({
        wire,
        input: this.input,
        share,
        clock,
        ...terminal,
        protect: (action) => this.protect(action),
        finish: (status) => this.finish({ status }),
        overflow: () => options.abandon("a terminal's queue is full"),
      });
    this.output = new ChannelOutput(wire, channel, {
      packetSize: this.terminal ? pingBytes : maxPacket,
      onPacket: (bytes) => this.terminal?.packetSent(bytes),
    });
    this.terminal?.connect(this.output);
    channel.on("error", (error: Error) => log.debug("channel error", { error }));
  }

  /** Aborted when the channel is gone. */
  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  /** Names streams whose contents must be sent before the channel ends. */
  flushAtEnd(streams: readonly Writable[]): void {
    this.#streams = streams;
  }

  /** Runs code of others that reacts to our events: a bug there ends this channel, not the connection. */
  protect(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.fail(error);
    }
  }

  /** Tells the person about an error, and ends the channel. */
  fail(error: unknown): void {
    const told = explain(error, this.#log);
    const columns = this.terminal && this.terminal.term !== "dumb" ? this.terminal.size.columns : undefined;
    this.output.send(columns === undefined ? "error" : "output", Buffer.from(errorText(told, columns)));
    this.finish({ status: told.exitStatus });
    this.terminal?.disconnected();
  }

  /** Sends what was written, then how it ended, then closes the channel. Only the first call counts. */
  finish(ending: Ending): void {
    if (this.#ending || this.closed.aborted) return;
    this.#ending = true;
    let open = this.#streams.length;
    const streamEnded = (): void => {
      open -= 1;
      if (open <= 0) this.output.whenEmpty(() => this.#sendEnd(ending));
    };
    if (open === 0) streamEnded();
    for (const stream of this.#streams) {
      finished(stream, { readable: false }, streamEnded);
      stream.end();
    }
  }

  /** Notes that the channel or its connection is gone; idempotent. */
  disconnected(): void {
    if (this.closed.aborted) return;
    this.#closed.abort();
    channelInternals(this.#channel).outgoing.state = "closed"; // ssh2 must not ask for more data on a dead connection
    this.output.close();
    this.input.discard();
    this.terminal?.disconnected();
    for (const stream of this.#streams) stream.destroy();
  }

  #sendEnd(ending: Ending): void {
    if (this.closed.aborted) return;
    // The status must come before the end: ssh2 sends nothing on an ended channel.
    if ("status" in ending) this.#channel.exit(ending.status);
    else this.#exitSignal(ending.signal);
    this.#channel.end();
    this.input.discard();
  }

  #exitSignal(name: string): void {
    try {
      this.#channel.exit(name);
    } catch (error) {
      // ssh2 knows the signals of RFC 4254 only; sshd also reports others as a status.
      this.#log.debug("signal without a name in SSH", { name, error });
      this.#channel.exit(255);
    }
  }
}
