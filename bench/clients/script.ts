/** What one person types, and when: the same for the same numbers. */

/** Letters that the status lines of classh and nano do not use: seen in the output, they are an echo. */
const letters = "jqxz";
/** Then a new line is begun, so that no screen has to scroll sideways: everybody after as many as they like, so that nobody's Enter meets everybody's. */
const lettersInLine = { least: 10, most: 50 };
/** Between two keys, as parts of the mean. */
const pauses = { least: 0.3, most: 1.7 };

export class Script {
  readonly #random: () => number;
  /** Letters until the next new line. */
  #left: number;
  #typed = 0;

  constructor(random: () => number) {
    this.#random = random;
    this.#left = this.#lineLength();
  }

  /** The next key: a letter, or Enter as "\r". */
  next(): string {
    if (this.#left === 0) {
      this.#left = this.#lineLength();
      return "\r";
    }
    this.#left--;
    return letters.charAt(this.#typed++ % letters.length);
  }

  /** The pause before the next key, about `mean`. */
  pause(mean: number): number {
    return mean * (pauses.least + (pauses.most - pauses.least) * this.#random());
  }

  #lineLength(): number {
    return lettersInLine.least + Math.floor((lettersInLine.most - lettersInLine.least + 1) * this.#random());
  }
}
