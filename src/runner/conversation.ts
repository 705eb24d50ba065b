/**
 * What the server and a Python on a terminal say to each other while the terminal is the person's as well (messages.py): Python asks for
 * a message with a mark, gets one line, and gives back what the person typed meanwhile.
 */

/** What a conversation needs of its jail. */
export interface ConversationOptions {
  /** The word in the marks of this jail. */
  readonly word: string;
  /** Sends input; false when there is no room for it. */
  readonly send: (data: Buffer) => boolean;
}

/** Bytes that are kept of what the person types while Python listens to us. */
const maxHeld = 4096;
const interruptByte = 3;

/** The messages to one Python. */
export class Conversation {
  readonly #options: ConversationOptions;
  /** What the person types while Python listens to us; undefined while it doesn't. */
  #held: Buffer[] | undefined;

  constructor(options: ConversationOptions) {
    this.#options = options;
  }

  /** Whether Python waits for a message. */
  get listening(): boolean {
    return this.#held !== undefined;
  }

  /** Passes on what the person types, once Python does not listen to us. */
  type(data: Buffer): boolean {
    if (!this.#held) return this.#options.send(data);
    // A program that only says that it listens must not keep Ctrl-C from the person.
    if (data.includes(interruptByte)) {
      this.#release();
      return this.#options.send(data);
    }
    const waiting = this.#held.reduce((sum, piece) => sum + piece.length, 0);
    if (waiting + data.length > maxHeld) return false;
    this.#held.push(data);
    return true;
  }

  /** Python asks for a message. */
  listens(): void {
    this.#held ??= [];
  }

  /** Answers a Python that listens. */
  say(message: object): void {
    this.#options.send(Buffer.from(`${this.#options.word};${JSON.stringify(message)}\n`));
  }

  /** Python has heard a message, and gives back what the person typed before it. */
  heard(typed: string): void {
    const bytes = Buffer.from(typed, "hex");
    if (bytes.length > 0) this.#options.send(bytes);
    this.#release();
  }

  /** Python does something else now. */
  over(): void {
    this.#release();
  }

  #release(): void {
    const held = this.#held;
    this.#held = undefined;
    for (const piece of held ?? []) this.#options.send(piece);
  }
}
