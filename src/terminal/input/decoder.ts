/**
 * Theory of operation: bytes arrive in chunks that the network may cut anywhere. An incomplete key waits in `#pending`
 * for the next chunk (bounded: a sequence has at most 64 bytes, a character 4). An ESC may be the Escape key or the
 * first byte of a longer sequence; when nothing follows within 50 ms, it was the key. Three things are longer than a
 * sequence and have a mode of their own: a bracketed paste, a string (OSC or DCS, the answer to a query), and an
 * overlong sequence that is being skipped. No input makes the decoder throw.
 */
import type { Clock } from "../../base/clock.ts";
import { ClickCounter } from "./clicks.ts";
import { CutSequence } from "./cut-sequence.ts";
import type { InputEvent } from "./event.ts";
import { characterKeyName, controlKeyName, noModifiers } from "./key-names.ts";
import { PasteCollector, partialCharacter } from "./paste.ts";
import { csiMeaning, linuxMeaning, ss3Meaning, x10Meaning, type Meaning } from "./sequences.ts";

/** What a decoder is made from. */
export interface InputDecoderOptions {
  readonly clock: Clock;
  /** Takes each event, in order. */
  readonly emit: (event: InputEvent) => void;
  /** The client's TERM, which tells old tables of function keys apart; "" by default. */
  readonly term?: string;
  /**
   * The byte that the Backspace key sends, where that is known. Only if it is DEL, ^H is Ctrl-H: otherwise both are
   * Backspace.
   */
  readonly erase?: number | undefined;
  /** Takes the content of an OSC or DCS string, such as the answer to a colour query: "11;rgb:0000/0000/0000". */
  readonly onReply?: (content: string) => void;
  /** Largest paste in bytes; 1 MiB by default. */
  readonly pasteLimit?: number;
}

/** Milliseconds after which a lone ESC is the Escape key. */
const escapeMs = 50;
/** Milliseconds after which an incomplete sequence is dropped. */
const sequenceMs = 500;
/** Milliseconds without a byte after which a paste that was not ended is taken as it is. */
const pasteMs = 10_000;
const maxSequence = 64;
const maxReply = 256;
const defaultPasteLimit = 1 << 20;

const ESC = 0x1b;
const deleteByte = 0x7f;
const controlH = 0x08;

type Mode =
  | { readonly kind: "ground" }
  | { readonly kind: "paste"; readonly paste: PasteCollector }
  | StringMode
  | { readonly kind: "skip" };

interface StringMode {
  readonly kind: "string";
  /** What stood behind its ESC. */
  readonly introducer: string;
  content: string;
}

const ground: Mode = { kind: "ground" };

/** Turns the bytes of a terminal into events. */
export class InputDecoder implements Disposable {
  readonly #options: InputDecoderOptions;
  readonly #clicks: ClickCounter;
  readonly #cut: CutSequence;
  #pending = Buffer.alloc(0);
  #mode: Mode = ground;
  #timer: Disposable | undefined;

  constructor(options: InputDecoderOptions) {
    this.#options = options;
    this.#clicks = new ClickCounter(options.clock);
    this.#cut = new CutSequence(options.clock);
  }

  /** Decodes a chunk; its events come through `emit` before this returns. */
  feed(chunk: Buffer): void {
    this.#stopTimer();
    const data = this.#pending.length > 0 ? Buffer.concat([this.#pending, chunk]) : this.#cut.complete(chunk);
    this.#pending = Buffer.alloc(0);
    let at = 0;
    while (at < data.length) {
      const taken = this.#take(data, at);
      if (taken === 0) {
        // A copy: a slice would keep the whole chunk in memory.
        this.#pending = Buffer.from(data.subarray(at));
        break;
      }
      at += taken;
    }
    this.#startTimer();
  }

  /** More bytes have arrived and will be fed in time: nothing incomplete is given up meanwhile. */
  awaitMore(): void {
    this.#stopTimer();
  }

  [Symbol.dispose](): void {
    this.#stopTimer();
  }

  /** Takes what begins at `at` and returns its length in bytes; 0 when it is not complete. */
  #take(data: Buffer, at: number): number {
    const mode = this.#mode;
    if (mode.kind === "paste") return this.#takePaste(mode.paste, data, at);
    if (mode.kind === "string") return this.#takeString(mode, data, at);
    if (mode.kind === "skip") return this.#takeSkipped(data, at);
    const byte = data[at] ?? 0;
    if (byte === ESC) return this.#takeEscape(data, at);
    if (byte >= 0x20 && byte !== 0x7f) return this.#takeText(data, at);
    this.#key(this.#controlKey(byte));
    return 1;
  }

  #takeText(data: Buffer, at: number): number {
    let end = at;
    for (let byte = data[end]; byte !== undefined && byte >= 0x20 && byte !== 0x7f; byte = data[end]) end++;
    if (end === data.length) end -= Math.min(partialCharacter(data, end), end - at);
    if (end === at) return 0;
    this.#text(data.toString("utf8", at, end));
    return end - at;
  }

  #takeEscape(data: Buffer, at: number): number {
    const next = data[at + 1];
    if (next === undefined) return 0;
    switch (next) {
      case 0x5b:
        return this.#takeCsi(data, at, 0);
      case 0x4f:
        return this.#takeSs3(data, at, 0);
      case 0x5d: // ] and P begin a string only with what answers begin with; otherwise Alt was held
      case 0x50:
        return this.#takeStringStart(data, at, next);
      case ESC:
        return this.#takeSecondEscape(data, at);
    }
    if (next < 0x20 || next === 0x7f) {
      this.#alt(this.#controlKey(next));
      return 2;
    }
    if (next < 0x80) {
      this.#altCharacter(String.fromCharCode(next));
      return 2;
    }
    return this.#takeAltCharacter(data, at);
  }

  /** Alt with a character outside ASCII. */
  #takeAltCharacter(data: Buffer, at: number): number {
    const first = data[at + 1] ?? 0;
    const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    const available = data.subarray(at + 1, at + 1 + length);
    if (available.length < length && partialCharacter(available, available.length) === available.length) return 0;
    const [character = ""] = available.toString("utf8");
    if (character === "\ufffd") {
      this.#key("Escape");
      return 1;
    }
    this.#altCharacter(character);
    return 1 + Buffer.byteLength(character);
  }

  /** ESC ESC: rxvt and PuTTY put an ESC before a key's sequence for Alt; otherwise the first is the Escape key. */
  #takeSecondEscape(data: Buffer, at: number): number {
    const third = data[at + 2];
    if (third === undefined) return 0;
    if (third === 0x5b) return this.#takeCsi(data, at, 1);
    if (third === 0x4f) return this.#takeSs3(data, at, 1);
    this.#key("Escape");
    return 1;
  }

  #takeSs3(data: Buffer, at: number, alt: 0 | 1): number {
    const start = at + alt + 2;
    const first = data[start];
    if (first === undefined) return 0;
    const isDigit = first >= 0x30 && first <= 0x39;
    const final = isDigit ? data[start + 1] : first;
    if (final === undefined) return 0;
    if (final < 0x20 || final >= 0x7f) {
      // Not a sequence at all: Alt-O was pressed, and then something else.
      this.#altCharacter("O");
      return start - at;
    }
    const length = start - at + (isDigit ? 2 : 1);
    this.#mean(ss3Meaning(String.fromCharCode(final), isDigit ? first - 0x30 : undefined), alt);
    return length;
  }

  #takeCsi(data: Buffer, at: number, alt: 0 | 1): number {
    const start = at + alt + 2;
    if (data[start] === 0x5b) return this.#takeLinuxKey(data, at, start, alt);
    let end = start;
    for (let byte = data[end]; byte !== undefined && byte >= 0x20 && byte < 0x40; byte = data[end]) {
      // rxvt ends the keys held with Shift in "$", which elsewhere stands before the final of an answer ("?...$y").
      if (byte === 0x24 && end > start && data[start] !== 0x3f) break;
      end++;
      if (end - at > maxSequence) {
        this.#mode = { kind: "skip" };
        return end - at;
      }
    }
    const final = data[end];
    if (final === undefined) return 0;
    if (final < 0x20 || final >= 0x7f) return end - at; // broken off by something else, which is taken next
    if (final === 0x4d && end === start) return this.#takeX10Mouse(data, at, end + 1);
    const body = data.toString("latin1", start, end);
    this.#mean(csiMeaning(body, String.fromCharCode(final), this.#options.term ?? ""), alt);
    return end + 1 - at;
  }

  #takeLinuxKey(data: Buffer, at: number, start: number, alt: 0 | 1): number {
    const final = data[start + 1];
    if (final === undefined) return 0;
    const length = start + 2 - at;
    if (final < 0x20 || final >= 0x7f) return length - 1;
    this.#mean(linuxMeaning(String.fromCharCode(final)), alt);
    return length;
  }

  #takeX10Mouse(data: Buffer, at: number, start: number): number {
    for (let index = start; index < start + 3; index++) {
      const byte = data[index];
      if (byte === undefined) return 0;
      if (byte < 0x20) return index - at; // not a mouse report
    }
    const [code = 0, column = 0, row = 0] = data.subarray(start, start + 3);
    this.#mean(x10Meaning(code, column, row), 0);
    return start + 3 - at;
  }

  #takeStringStart(data: Buffer, at: number, introducer: number): number {
    const first = data[at + 2];
    if (first === undefined) return 0;
    const isDigit = first >= 0x30 && first <= 0x39;
    const isString = isDigit || (introducer === 0x50 && (first === 0x3e || first === 0x21));
    if (!isString) this.#altCharacter(String.fromCharCode(introducer));
    else this.#mode = { kind: "string", introducer: String.fromCharCode(introducer), content: "" };
    return 2;
  }

  #takeString(mode: StringMode, data: Buffer, at: number): number {
    for (let index = at; index < data.length; index++) {
      const byte = data[index] ?? 0;
      if (byte === 0x07) return this.#endString(mode, index + 1 - at);
      if (byte === ESC) {
        const next = data[index + 1];
        if (next === undefined) return index - at;
        if (next === 0x5c) return this.#endString(mode, index + 2 - at);
        this.#mode = ground; // broken off: another sequence begins here
        return index > at ? index - at : this.#takeEscape(data, at);
      }
      if (mode.content.length < maxReply) mode.content += String.fromCharCode(byte);
    }
    return data.length - at;
  }

  #endString(mode: StringMode, taken: number): number {
    this.#mode = ground;
    this.#options.onReply?.(mode.content);
    return taken;
  }

  #takeSkipped(data: Buffer, at: number): number {
    for (let index = at; index < data.length; index++) {
      const byte = data[index] ?? 0;
      if (byte >= 0x20 && byte < 0x40) continue;
      this.#mode = ground;
      if (byte >= 0x40 && byte < 0x7f) return index + 1 - at;
      return index > at ? index - at : this.#take(data, at);
    }
    return data.length - at;
  }

  #takePaste(paste: PasteCollector, data: Buffer, at: number): number {
    const taken = paste.take(data.subarray(at));
    if (taken === undefined) return data.length - at;
    this.#endPaste(paste);
    return taken;
  }

  #endPaste(paste: PasteCollector): void {
    this.#mode = ground;
    this.#options.emit({ kind: "paste", ...paste.result() });
  }

  #mean(meaning: Meaning, alt: 0 | 1): void {
    switch (meaning.kind) {
      case "key":
        return alt === 1 ? this.#alt(meaning.name) : this.#key(meaning.name);
      case "text":
        return this.#text(meaning.text);
      case "focus":
        return this.#options.emit(meaning);
      case "paste-begins":
        this.#mode = { kind: "paste", paste: new PasteCollector(this.#options.pasteLimit ?? defaultPasteLimit) };
        return;
      case "mouse": {
        const event = this.#clicks.event(meaning.report);
        if (event) this.#options.emit(event);
        return;
      }
      case "nothing":
        return;
    }
  }

  #text(text: string): void {
    const printable = text.replace(/[\0-\x1f\x7f-\x9f]/g, "");
    if (printable !== "") this.#options.emit({ kind: "text", text: printable });
  }

  /** The name of the key that sent a control byte. */
  #controlKey(byte: number): string {
    return byte === controlH && this.#options.erase !== deleteByte ? "Backspace" : controlKeyName(byte);
  }

  #key(name: string): void {
    this.#options.emit({ kind: "key", name });
  }

  /** Puts "Alt-" where it belongs: after "Ctrl-", before "Shift-". */
  #alt(name: string): void {
    const isAltAlready = name.includes("Alt-");
    this.#key(isAltAlready ? name : name.startsWith("Ctrl-") ? `Ctrl-Alt-${name.slice(5)}` : `Alt-${name}`);
  }

  #altCharacter(character: string): void {
    this.#key(characterKeyName(character, { ...noModifiers, alt: true }));
  }

  #startTimer(): void {
    const time = this.#patience();
    if (time !== undefined) this.#timer = this.#options.clock.after(time, () => this.#timeOut());
  }

  #stopTimer(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
  }

  /**
   * Milliseconds to wait for more; undefined when nothing is incomplete, or when only the rest of a character is
   * missing.
   */
  #patience(): number | undefined {
    if (this.#mode.kind === "paste") return pasteMs;
    if (this.#mode.kind !== "ground") return sequenceMs;
    if (this.#pending[0] !== ESC) return undefined;
    return this.#pending.length <= 2 ? escapeMs : sequenceMs;
  }

  #timeOut(): void {
    const mode = this.#mode;
    const pending = this.#pending;
    this.#mode = ground;
    this.#pending = Buffer.alloc(0);
    if (mode.kind === "paste") this.#endPaste(mode.paste);
    if (mode.kind === "string") this.#cut.giveUp(`\x1b${mode.introducer}${mode.content}`);
    if (mode.kind === "ground") this.#cut.giveUp(pending);
    if (mode.kind !== "ground" || pending.length > 2) return;
    const [, second] = pending;
    if (second === undefined || second === ESC || second >= 0x80) {
      for (const byte of pending) if (byte === ESC) this.#key("Escape");
    } else {
      this.#altCharacter(String.fromCharCode(second));
    }
  }
}
