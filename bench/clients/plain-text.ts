type State = "text" | "escape" | "parameters" | "string" | "string-escape" | "one-more";

/** Takes the control sequences out of what a terminal is sent. Sequences may be split between chunks anywhere. */
export class PlainText {
  #state: State = "text";

  /** The characters of this chunk that a person would see. Bytes beyond ASCII are left out: nobody here waits for them. */
  read(chunk: Uint8Array): string {
    let text = "";
    for (const byte of chunk) {
      if (this.#state === "text" && byte >= 0x20 && byte < 0x7f) text += String.fromCharCode(byte);
      else this.#state = this.#next(byte);
    }
    return text;
  }

  #next(byte: number): State {
    switch (this.#state) {
      case "text":
        return byte === 0x1b ? "escape" : "text";
      case "escape":
        return afterEscape(byte);
      case "parameters":
        return byte >= 0x40 && byte <= 0x7e ? "text" : "parameters";
      case "string":
        if (byte === 0x07) return "text";
        return byte === 0x1b ? "string-escape" : "string";
      case "string-escape":
      case "one-more":
        return "text";
      default:
        return this.#state satisfies never;
    }
  }
}

function afterEscape(byte: number): State {
  if (byte === 0x5b) return "parameters"; // CSI
  if (byte === 0x5d || byte === 0x50) return "string"; // OSC, DCS
  return byte >= 0x20 && byte <= 0x2f ? "one-more" : "text";
}
