/** Statements as the prompt tells them for the history: in hexadecimal, in parts, of which the last has a dot before it. */

/** Characters of a statement in hexadecimal, without its last part. */
const maxStatement = 32 * 1024;

/** Puts the parts of statements together. */
export class StatementMarks {
  #parts = "";

  /** Takes a part; returns the statement when it was the last. */
  take(part: string): string | undefined {
    if (this.#parts.length < maxStatement) this.#parts += part.slice(2);
    if (!part.startsWith(".;")) return undefined;
    const statement = Buffer.from(this.#parts, "hex").toString();
    this.#parts = "";
    return statement;
  }
}
