import { windowBytes, type JailExit, type LimitKind, type Request } from "./protocol.ts";

/** What a jail tells its owner. */
export interface JailHandlers {
  /** Bytes printed; each must be acknowledged in the end, or the program waits. */
  output(stream: "output" | "errorOutput", data: Buffer): void;
  limit(limit: LimitKind): void;
  /** There is room for input again. */
  inputRoom(): void;
  exit(exit: JailExit): void;
}

interface Wire {
  message(request: Request): void;
  input(data: Buffer): void;
}

/** A jail as the server sees it. Everything said to one that has ended is ignored. */
export class Jail {
  readonly handlers: JailHandlers;
  /** Fulfilled when nothing of the jail is left. */
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

  /** Hands over input; false (and nothing is sent) when too much of it has not been read yet. */
  input(data: Buffer): boolean {
    if (this.#over) return true;
    if (this.#untaken + data.length > windowBytes) return false;
    this.#untaken += data.length;
    this.#wire.input(data);
    return true;
  }

  /** A line for runner.py, which starts the run clock. */
  begin(line: string): void {
    this.#send({ type: "begin", line });
  }

  /** Somebody waits for it by now: it starts before those that nobody waits for. */
  hurry(): void {
    this.#send({ type: "hurry" });
  }

  endInput(): void {
    this.#send({ type: "end-input" });
  }

  resize(columns: number, rows: number): void {
    this.#send({ type: "resize", columns, rows });
  }

  signal(signal: string): void {
    this.#send({ type: "signal", signal });
  }

  kill(): void {
    this.#send({ type: "kill" });
  }

  ack(bytes: number): void {
    if (bytes > 0) this.#send({ type: "ack", bytes });
  }

  /** For the broker's client only. */
  inputTaken(bytes: number): void {
    this.#untaken = Math.max(0, this.#untaken - bytes);
    this.handlers.inputRoom();
  }

  /** For the broker's client only. */
  ended(exit: JailExit): void {
    this.#over = true;
    this.#resolve(exit);
    this.handlers.exit(exit);
  }

  #send(request: Request): void {
    if (!this.#over) this.#wire.message(request);
  }
}
