import { windowBytes, type JailExit, type LimitKind, type OutputStream, type Request } from "./protocol.ts";

/** What a jail reports to its owner. */
export interface JailHandlers {
  /** Called with bytes printed; each must be acknowledged in the end, or the program waits. */
  output(stream: OutputStream, data: Buffer): void;
  limit(limit: LimitKind): void;
  /** Called when there is room for input again. */
  inputRoom(): void;
  exit(exit: JailExit): void;
}

interface Wire {
  message(request: Request): void;
  input(data: Buffer): void;
}

/** A jail as the server sees it. Requests to one that has ended are ignored. */
export class Jail {
  readonly handlers: JailHandlers;
  /** Resolves when nothing of the jail is left. */
  readonly exited: Promise<JailExit>;
  readonly #wire: Wire;
  #resolve: (exit: JailExit) => void = () => undefined;
  #untaken = 0;
  #over = false;

  constructor(handlers: JailHandlers, wire: Wire) {
    this.handlers = handlers;
    this.#wire = wire;
    this.exited = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** Sends input; false (and nothing is sent) when too much of it has not been read yet. */
  input(data: Buffer): boolean {
    if (this.#over) return true;
    if (this.#untaken + data.length > windowBytes) return false;
    this.#untaken += data.length;
    this.#wire.input(data);
    return true;
  }

  /** Sends a line to runner.py and starts the run clock. */
  begin(line: string): void {
    this.#send({ type: "begin", line });
  }

  /** Raises the urgency of its start: somebody waits for it. */
  hurry(): void {
    this.#send({ type: "hurry" });
  }

  endInput(): void {
    this.#send({ type: "end-input" });
  }

  /** Closes an output that nobody reads any more: a program on pipes gets EPIPE there. */
  closeOutput(stream: OutputStream): void {
    this.#send({ type: "close-output", stream });
  }

  resize(columns: number, rows: number): void {
    this.#send({ type: "resize", columns, rows });
  }

  signal(signal: string): void {
    this.#send({ type: "signal", signal });
  }

  /** Tells the Python at a prompt that there is something to hear: it answers with the mark "listening", unless it goes on meanwhile. */
  call(): void {
    this.#send({ type: "call" });
  }

  /** Asks the Python at a prompt to end, which it does within the times of broker/farewell.ts. */
  leave(): void {
    this.#send({ type: "leave" });
  }

  kill(): void {
    this.#send({ type: "kill" });
  }

  ack(bytes: number): void {
    if (bytes > 0) this.#send({ type: "ack", bytes });
  }

  /** For the broker's client: input was taken. */
  inputTaken(bytes: number): void {
    this.#untaken = Math.max(0, this.#untaken - bytes);
    this.handlers.inputRoom();
  }

  /** For the broker's client: it has ended. */
  ended(exit: JailExit): void {
    this.#over = true;
    this.#resolve(exit);
    this.handlers.exit(exit);
  }

  #send(request: Request): void {
    if (!this.#over) this.#wire.message(request);
  }
}
