/**
 * Keeps a person's statements from one session to the next, in DIR/recovery/<user>, outside the home: programs can't
 * read what was typed in other sessions, and the file goes where the account's other files go when that is renamed or
 * removed. What can't be read or written costs the history, and nothing else.
 */
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../base/clock.ts";
import { systemCode } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import { StatementHistory } from "../runner/statement-history.ts";

/** Milliseconds after a statement until it is written, with those that follow meanwhile. */
const saveMs = 3000;

/** What the statements of one person are kept with. */
export interface KeptStatementsOptions {
  /** The person's directory in DIR/recovery. */
  readonly directory: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** The history of one session. Disposing writes what is new. */
export class KeptStatements implements AsyncDisposable {
  readonly history = new StatementHistory();
  readonly #options: KeptStatementsOptions;
  readonly #added: Disposable;
  #timer: Disposable | undefined;
  #saving: Promise<void> = Promise.resolve();

  constructor(options: KeptStatementsOptions) {
    this.#options = options;
    this.#added = this.history.onAdd(() => {
      this.#timer ??= options.clock.after(saveMs, () => this.#save());
    });
  }

  /** Reads what earlier sessions have left. */
  async load(): Promise<void> {
    try {
      this.history.begin(statementsIn(await readFile(this.#file, "utf8")));
    } catch (error) {
      if (systemCode(error) !== "ENOENT")
        this.#options.log.warn("statements of earlier sessions can't be read", { error });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#added[Symbol.dispose]();
    if (this.#timer) this.#save();
    await this.#saving;
  }

  get #file(): string {
    return join(this.#options.directory, "statements");
  }

  #save(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    this.#saving = this.#saving.then(() => this.#write());
  }

  /** A whole file in the place of the last. */
  async #write(): Promise<void> {
    const file = this.#file;
    try {
      await mkdir(this.#options.directory, { recursive: true, mode: 0o700 });
      await writeFile(`${file}.new`, JSON.stringify(this.history.statements), { mode: 0o600 });
      await rename(`${file}.new`, file);
    } catch (error) {
      this.#options.log.warn("statements can't be kept", { error });
    }
  }
}

/** What is in a file; nothing in a file that is damaged. */
function statementsIn(text: string): readonly string[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
  } catch {
    return []; // half a file: it is written anew
  }
}
