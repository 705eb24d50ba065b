/** One Python in one jail, on a terminal: it waits for its one command, runs it, and is not used again. */
import { randomBytes } from "node:crypto";
import { timings } from "../base/measures.ts";
import type { ConsoleSize } from "./console-state.ts";
import { Conversation } from "./conversation.ts";
import type { Jail } from "./jail.ts";
import type { JailFactory } from "./jail-factory.ts";
import { MarkReader, type Piece } from "./marks.ts";
import type { Urgency } from "./broker/start-gate.ts";
import type { JailSpec } from "./jail-spec.ts";
import type { JailExit, LimitKind } from "./protocol.ts";

/** What an interpreter reports. */
export interface InterpreterEvents {
  /** Called with text and marks, and the bytes to acknowledge once they are dealt with. */
  pieces(pieces: readonly Piece[], bytes: number): void;
  limit(limit: LimitKind): void;
  /** Called when Python asks for a message, which `say` answers: at its prompt, or at a step of a program. */
  listening(where: "prompt" | "step"): void;
  exit(exit: JailExit): void;
}

/** What runner.py is to do: run a script and then open a prompt, or only open the prompt. */
export interface InterpreterCommand {
  readonly file?: string;
  readonly args: readonly string[];
  /** Path in the jail; of no meaning without a script. */
  readonly workingDirectory?: string;
  readonly history: readonly string[];
  /** Whether somebody looks at the variables at the prompt. */
  readonly variables: boolean;
  /** Set to run it step by step: the folders whose files are the program's own. */
  readonly steps?: { readonly folders: readonly string[] } | undefined;
}

/** One Python. */
export class Interpreter {
  readonly exited: Promise<JailExit>;
  readonly spec: JailSpec;
  readonly #jail: Jail;
  readonly #marks: MarkReader;
  readonly #conversation: Conversation;
  #events: InterpreterEvents | undefined;
  readonly #launched = timings.jailStart.start();
  #ready = false;
  #command: string | undefined;
  #exit: JailExit | undefined;
  #limit: LimitKind | undefined;

  constructor(factory: JailFactory, spec: JailSpec, size: ConsoleSize, urgency: Urgency) {
    this.spec = spec;
    const word = randomBytes(6).toString("hex");
    this.#marks = new MarkReader(word);
    this.#jail = factory.openPrompt(
      spec,
      { mark: word, size, urgency },
      {
        output: (_stream, data) => this.#output(data),
        limit: (limit) => {
          this.#limit = limit;
          this.#events?.limit(limit);
        },
        inputRoom: () => undefined,
        exit: (exit) => this.#ended(exit),
      },
    );
    this.#conversation = new Conversation({ word, send: (data) => this.#jail.input(data) });
    this.exited = this.#jail.exited;
  }

  /** Whether it is alive and has not been given its command. */
  get fresh(): boolean {
    return this.#exit === undefined && this.#events === undefined;
  }

  /** Gives it its one command; from then on it reports events. */
  run(command: InterpreterCommand, events: InterpreterEvents): void {
    this.#events = events;
    this.#command = `${JSON.stringify(command)}\n`;
    if (this.#ready) this.#begin();
    else if (command.file !== undefined) this.#jail.hurry();
    if (this.#limit) events.limit(this.#limit);
    if (this.#exit) events.exit(this.#exit);
  }

  write(data: Buffer): boolean {
    return this.#conversation.type(data);
  }

  /** Tells a Python at its prompt that there is something to hear. It listens then, unless it goes on meanwhile. */
  call(): void {
    this.#jail.call();
  }

  /** Whether Python waits for a message. */
  get listening(): boolean {
    return this.#conversation.listening;
  }

  /** Answers a Python that listens. */
  say(message: object): void {
    this.#conversation.say(message);
  }

  resize(size: ConsoleSize): void {
    this.#jail.resize(size.columns, size.rows);
  }

  signal(signal: string): void {
    this.#jail.signal(signal);
  }

  ack(bytes: number): void {
    this.#jail.ack(bytes);
  }

  /** Ends it; nothing more is reported. */
  stop(): void {
    this.#forget();
    this.#jail.kill();
  }

  /** Asks it to end, so that it writes what it still has to write; nothing more is reported. For one that has a prompt. */
  leave(): void {
    this.#forget();
    this.#jail.leave();
  }

  #forget(): void {
    this.#events = undefined;
    this.#command = undefined;
  }

  #output(data: Buffer): void {
    const pieces = this.#marks.read(data);
    if (!this.#ready && pieces.some((piece) => "mark" in piece && piece.mark === "ready")) {
      this.#ready = true;
      timings.jailStart.end(this.#launched);
      if (this.#command) this.#begin();
    }
    for (const piece of pieces) if ("mark" in piece) this.#converse(piece.mark);
    if (this.#events) this.#events.pieces(pieces, data.length);
    else this.#jail.ack(data.length); // nobody reads the output of a spare, or of one that was stopped
  }

  /** At once, whatever holds back the output: Python waits. */
  #converse(mark: string): void {
    if (mark === "listening" || mark === "stepping") {
      this.#conversation.listens();
      this.#events?.listening(mark === "stepping" ? "step" : "prompt");
    } else if (mark.startsWith("heard;")) this.#conversation.heard(mark.slice("heard;".length));
    else if (mark === "running" || mark === "prompt") this.#conversation.over();
  }

  #begin(): void {
    if (this.#command) this.#jail.begin(this.#command);
    this.#command = undefined;
  }

  #ended(exit: JailExit): void {
    this.#exit = exit;
    const text = this.#marks.flush();
    if (text.length > 0) this.#events?.pieces([{ text }], 0);
    this.#events?.exit(exit);
  }
}
