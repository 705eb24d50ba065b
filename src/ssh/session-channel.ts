/** One "session" channel of a connection (RFC 4254 section 6): pty, environment, then a shell or a command. */
import type { Writable } from "node:stream";
import type { ServerChannel, Session } from "ssh2";
import type { Clock } from "../base/clock.ts";
import { Emitter } from "../base/events.ts";
import type { Log } from "../base/log.ts";
import type { Share } from "../base/shares.ts";
import type { TerminalSize } from "../base/terminal.ts";
import { Channel } from "./channel.ts";
import { inputStream, outputStream } from "./exec-streams.ts";
import type { ExecRequest, SshHandlers } from "./handlers.ts";
import { sessionInternals } from "./ssh2-internals.ts";
import { terminalSize } from "./terminal-size.ts";
import type { WindowShare, WindowRoom } from "./window-room.ts";
import type { Wire } from "./wire.ts";

/** What a session channel works with. */
export interface SessionContext<P> {
  readonly principal: P;
  readonly username: string;
  readonly address: string;
  readonly wire: Wire;
  readonly share: Share;
  readonly windows: WindowRoom;
  readonly clock: Clock;
  readonly handlers: SshHandlers<P>;
  readonly log: Log;
  abandon(reason: string): void;
}

/**
 * Variables that a client may set, like sshd's AcceptEnv. Everything else is refused: LD_PRELOAD could come this way.
 */
const acceptedVariable = /^(LANG|LC_[A-Z]{1,20}|COLORTERM|NO_COLOR|TERM_PROGRAM)$/;
const maxValue = 256;
const maxVariables = 32;
/** Signals of RFC 4254 section 6.10, and a few that clients send besides. */
const knownSignal = /^(ABRT|ALRM|FPE|HUP|ILL|INT|KILL|PIPE|QUIT|SEGV|TERM|USR1|USR2|WINCH|CONT|TSTP|STOP)$/;
/** Pause between two signals. The kernel, too, merges signals that a program has not taken yet. */
const signalPauseMs = 50;
const acceptedTerm = /^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$/;

/** A session channel. */
export class SessionChannel<P> {
  readonly #session: Session;
  readonly #context: SessionContext<P>;
  readonly #env = new Map<string, string>();
  readonly #signals = new Emitter<string>();
  readonly #waitingSignals = new Set<string>();
  #signalPause: Disposable | undefined;
  readonly #window: WindowShare;
  #pty: { readonly term: string } | undefined;
  #erase: number | undefined;
  #size: TerminalSize = { columns: 80, rows: 24 };
  #channel: Channel | undefined;
  /** Standard output of a command. */
  #stdout: Writable | undefined;

  constructor(session: Session, context: SessionContext<P>) {
    this.#session = session;
    this.#context = context;
    this.#window = context.windows.share(context.username);
    // accept and reject are undefined when the client wants no reply; OpenSSH wants none for env and window-change.
    session.on("pty", (accept, reject, info) => {
      if (this.#channel) return reject?.();
      const { term } = info as { term?: unknown }; // missing in @types/ssh2
      this.#pty = { term: typeof term === "string" && acceptedTerm.test(term) ? term : "xterm-256color" };
      this.#size = this.#window.fit(terminalSize(info));
      accept?.();
    });
    session.on("env", (accept, reject, info) => {
      const full = this.#env.size >= maxVariables && !this.#env.has(info.key);
      if (full || !acceptedVariable.test(info.key) || info.val.length > maxValue) return reject?.();
      this.#env.set(info.key, info.val);
      accept?.();
    });
    session.on("window-change", (accept, _reject, info) => {
      if (this.#pty || this.#channel?.terminal) this.#size = this.#window.fit(terminalSize(info));
      this.#channel?.terminal?.resize(this.#size);
      accept?.();
    });
    session.on("signal", (accept, _reject, info) => {
      this.#signal(info.name);
      accept?.();
    });
    session.on("shell", (accept, reject) => this.#shell(accept, reject));
    // Accepted, so that the person reads why it can't be used: a refusal has no text.
    session.on("subsystem", (accept, reject, info) => this.#exec(accept, reject, `subsystem ${info.name}`));
    session.on("x11", (_accept, reject) =>
      this.#explain("X11 is not forwarded here: programs can't open windows.", reject),
    );
    session.on("auth-agent", (_accept, reject) =>
      this.#explain("Your SSH agent is not forwarded here: programs can't connect to other machines.", reject),
    );
    session.on("exec", (accept, reject, info) => this.#exec(accept, reject, info.command));
  }

  /** Passes a signal on at once; of many, only the newest of each kind, with a pause between. */
  #signal(name: string): void {
    if (!knownSignal.test(name) || !this.#channel) return;
    this.#waitingSignals.add(name);
    if (!this.#signalPause) this.#sendSignals();
  }

  #sendSignals(): void {
    const names = [...this.#waitingSignals];
    this.#waitingSignals.clear();
    this.#signalPause = undefined;
    if (names.length === 0 || this.#channel?.closed.aborted) return;
    this.#signalPause = this.#context.clock.after(signalPauseMs, () => this.#sendSignals());
    for (const name of names) this.#channel?.protect(() => this.#signals.emit(name));
  }

  /** Takes the byte that the Backspace key sends; undefined when the client does not say. For what is opened next. */
  setErase(byte: number | undefined): void {
    this.#erase = byte;
  }

  /** Sends what waits: the client allows more data. */
  pump(): void {
    this.#channel?.output.pump();
  }

  /** Notes that the client's own output is gone: what a command prints now is as lost as in a pipe that nobody reads. */
  readerGone(): void {
    this.#stdout?.destroy();
  }

  /** Notes that the channel or its connection is gone; idempotent. */
  disconnected(): void {
    this.#window[Symbol.dispose]();
    this.#signalPause?.[Symbol.dispose]();
    this.#channel?.disconnected();
  }

  #explain(text: string, reject: (() => void) | undefined): void {
    this.#context.wire.explain(text);
    reject?.();
  }

  #shell(accept: (() => ServerChannel) | undefined, reject: (() => void) | undefined): void {
    const channel = this.#open(accept, reject, true);
    if (!channel?.terminal) return;
    const { principal, username, address, handlers } = this.#context;
    const { terminal, closed } = channel;
    this.#run(channel, () => handlers.shell({ principal, username, address, terminal, closed }));
  }

  #exec(accept: (() => ServerChannel) | undefined, reject: (() => void) | undefined, command: string): void {
    const channel = this.#open(accept, reject, this.#pty !== undefined);
    if (!channel) return;
    const { principal, username, address, handlers } = this.#context;
    const onPty = this.#pty !== undefined;
    const stdout = outputStream(channel.output, "output", onPty);
    this.#stdout = stdout;
    const stderr = outputStream(channel.output, "error", onPty);
    channel.flushAtEnd([stdout, stderr]);
    const stdin = inputStream(channel.input);
    channel.closed.addEventListener("abort", () => void stdin.destroy(), { once: true });
    const request: ExecRequest<P> = {
      principal,
      username,
      address,
      command,
      terminal: channel.terminal,
      env: new Map(this.#env),
      stdin,
      stdout,
      stderr,
      onSignal: this.#signals.on,
      closed: channel.closed,
      exit: (status) => channel.finish({ status }),
      exitSignal: (signal) => channel.finish({ signal }),
    };
    this.#run(channel, () => handlers.exec(request));
  }

  /**
   * Accepts the channel. Must reach `accept` without waiting for anything: after an await, `ssh host cmd </dev/null`
   * has ended its input, ssh2 then sends no reply, and the client hangs; early input would be lost, too.
   */
  #open(
    accept: (() => ServerChannel | undefined) | undefined,
    reject: (() => void) | undefined,
    withTerminal: boolean,
  ): Channel | undefined {
    const accepted = this.#channel ? undefined : accept?.();
    if (!accepted) {
      reject?.();
      return undefined;
    }
    const { wire, log, share, clock } = this.#context;
    const term = this.#pty?.term ?? "dumb";
    const traits = { term, env: new Map(this.#env), size: this.#size, erase: this.#erase };
    const terminal = withTerminal ? traits : undefined;
    this.#channel = new Channel({
      channel: accepted,
      wire,
      log,
      share,
      clock,
      terminal,
      abandon: (reason) => this.#context.abandon(reason),
    });
    return this.#channel;
  }

  #run(channel: Channel, handler: () => void | Promise<void>): void {
    channel.protect(() => {
      void Promise.resolve(handler()).catch((error: unknown) => channel.fail(error));
    });
  }

  /**
   * Channel numbers of a session that was closed before it ran anything, for ssh2 keeps its entry and sends no answer;
   * otherwise undefined.
   */
  closedUnused(): { readonly local: number; readonly remote: number } | undefined {
    const internals = sessionInternals(this.#session);
    if (internals._channel) return undefined;
    return { local: internals._chanInfo.incoming.id, remote: internals._chanInfo.outgoing.id };
  }
}
