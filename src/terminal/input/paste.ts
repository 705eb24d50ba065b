/** The bytes that end a bracketed paste. */
const terminator = Buffer.from("\x1b[201~");

/** Collects one bracketed paste, up to a limit in bytes. The rest is dropped, and `truncated` says so. */
export class PasteCollector {
  readonly #limit: number;
  #parts: Buffer[] = [];
  #size = 0;
  #truncated = false;
  /** The last bytes seen, when they could be the beginning of the terminator. */
  #carry = Buffer.alloc(0);

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Takes bytes. Returns how many of `data` belonged to the paste when it ended, or undefined while it goes on. */
  take(data: Buffer): number | undefined {
    const carried = this.#carry.length;
    const whole = carried > 0 ? Buffer.concat([this.#carry, data]) : data;
    const end = whole.indexOf(terminator);
    if (end >= 0) {
      this.#keep(whole.subarray(0, end));
      return end + terminator.length - carried;
    }
    const kept = whole.length - partialTerminator(whole);
    this.#keep(whole.subarray(0, kept));
    this.#carry = Buffer.from(whole.subarray(kept));
    return undefined;
  }

  /** The text so far: line breaks as \n, no other control characters but tabs, never cut within a character. */
  result(): { text: string; truncated: boolean } {
    const bytes = Buffer.concat(this.#parts);
    const text = (this.#truncated ? withoutPartialCharacter(bytes) : bytes).toString("utf8");
    return { text: cleanText(text), truncated: this.#truncated };
  }

  #keep(bytes: Buffer): void {
    const room = this.#limit - this.#size;
    if (bytes.length > room) this.#truncated = true;
    const part = bytes.subarray(0, Math.max(0, room));
    if (part.length === 0) return;
    this.#parts.push(Buffer.from(part));
    this.#size += part.length;
    // A client that sends single bytes must not make a million small buffers.
    if (this.#parts.length > 1000) this.#parts = [Buffer.concat(this.#parts)];
  }
}

/** Terminals send \r for each line's end; other control characters could be commands to some program. */
function cleanText(text: string): string {
  return text.replace(/\r\n?/g, "\n").replace(/[\0-\x08\x0b-\x1f\x7f-\x9f]/g, "");
}

function partialTerminator(data: Buffer): number {
  for (let length = Math.min(terminator.length - 1, data.length); length > 0; length--) {
    if (data.subarray(data.length - length).equals(terminator.subarray(0, length))) return length;
  }
  return 0;
}

function withoutPartialCharacter(bytes: Buffer): Buffer {
  return bytes.subarray(0, bytes.length - partialCharacter(bytes, bytes.length));
}

/** The number of bytes before `end` that begin an incomplete UTF-8 character. */
export function partialCharacter(data: Buffer, end: number): number {
  for (let back = 1; back <= 3 && end - back >= 0; back++) {
    const byte = data[end - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    const length =
      byte >= 0xf0 && byte <= 0xf4 ? 4 : byte >= 0xe0 && byte < 0xf0 ? 3 : byte >= 0xc2 && byte < 0xe0 ? 2 : 1;
    return length > back ? back : 0;
  }
  return 0;
}
