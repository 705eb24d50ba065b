/**
 * Names on disk are bytes, names in classh are text. A byte that is not part of valid UTF-8 becomes one lone surrogate,
 * U+DC80 to U+DCFF, as in Python's "surrogateescape": so every existing name has a text that leads back to its exact
 * bytes, and that Python in the jail prints the same way.
 */
import { isUtf8 } from "node:buffer";
import { UserError } from "../base/errors.ts";
import { hasInvisible, invisibleSource, spellOut } from "../base/invisible.ts";

/** Bytes of the longest name that Linux file systems allow. */
const maxName = 255;

/** Prefix of classh's own temporary files, which are never listed and refused as new names. */
export const reservedPrefix = ".classh-";

const loneSurrogate = /[\ud800-\udfff]/u;

/** Characters that a name must not show: it must look like what it is, and like no other. */
const unshowable = new RegExp(`${invisibleSource}|${loneSurrogate.source}`, "gu");

/** The text of a name's bytes; every byte sequence has one, and `encodeName` gives the bytes back. */
export function decodeName(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString("utf8");
  let text = "";
  for (let start = 0; start < bytes.length;) {
    const length = [1, 2, 3, 4].find((n) => start + n <= bytes.length && isUtf8(bytes.subarray(start, start + n)));
    text += length ? bytes.toString("utf8", start, start + length) : String.fromCharCode(0xdc00 + (bytes[start] ?? 0));
    start += length ?? 1;
  }
  return text;
}

/** The bytes of a name's text. Throws `bad-path` for text that no name can have. */
export function encodeName(text: string): Buffer {
  if (!loneSurrogate.test(text)) return Buffer.from(text, "utf8");
  const parts: Buffer[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code >= 0xdc80 && code <= 0xdcff) parts.push(Buffer.of(code - 0xdc00));
    else if (code >= 0xd800 && code <= 0xdfff) throw new UserError("bad-path", `can't use ${shown(text)} as a name`);
    else parts.push(Buffer.from(character, "utf8"));
  }
  return Buffer.concat(parts);
}

/** A name or path as one safe line for people; unseen characters are spelled out (`\n`, `\xff`, `\u202e`). */
export function shown(text: string): string {
  return text.replace(unshowable, (character) => {
    const code = character.charCodeAt(0);
    // A byte that is not text is shown as the byte.
    return character.length === 1 && code >= 0xdc80 && code <= 0xdcff
      ? `\\x${(code - 0xdc00).toString(16)}`
      : spellOut(character);
  });
}

/** Whether a name is one of classh's own temporary files. */
export function isReserved(name: string): boolean {
  return name.startsWith(reservedPrefix);
}

/** Throws `bad-path`, with the reason in plain words, unless a new file or folder may have this name. */
export function checkNewName(name: string): void {
  const problem = newNameProblem(name);
  if (problem)
    throw new UserError(
      "bad-path",
      `"${shown(name)}" can't be used as a name: ${problem}`,
      "Choose another name, for example area.py.",
    );
}

function newNameProblem(name: string): string | undefined {
  if (name === "") return "it is empty";
  if (name === "." || name === "..") return "it already means a folder";
  if (/[\r\n]/.test(name)) return "it contains a line break";
  if (hasInvisible(name)) return "it contains invisible characters";
  if (loneSurrogate.test(name)) return "it is not valid text (UTF-8)";
  if (name.includes("/")) return "it contains a /";
  if (name.trim() !== name) return "it begins or ends with a space";
  if (Buffer.byteLength(name) > maxName) return `it is longer than ${maxName} bytes`;
  if (isReserved(name)) return `names that begin with ${reservedPrefix} are reserved for classh`;
  return undefined;
}

/** Items in the order of a listing: as people count ("task2" before "task10"), capitals beside small letters. */
export function byNaturalOrder<T>(items: readonly T[], name: (item: T) => string): T[] {
  // Keys are computed once: a locale-aware comparison of 2000 names would hold the event loop for tens of milliseconds.
  const keyed = items.map((item) => ({ item, key: naturalKey(name(item)), exact: name(item) }));
  keyed.sort((a, b) => order(a.key, b.key) || order(a.exact, b.exact));
  return keyed.map(({ item }) => item);
}

function naturalKey(name: string): string {
  return name.toLowerCase().replace(/\d+/g, (digits) => digits.replace(/^0+(?=\d)/, "").padStart(20, "0"));
}

function order(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
