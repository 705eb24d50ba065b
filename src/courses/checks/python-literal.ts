/**
 * Values of Python as data: what the harness tells of a result, and what a teacher expects, written as in Python. They are compared here, outside
 * the jail, as `==` compares them.
 */

/** A value. Numbers are texts, since Python's integers have no bound. */
export type PythonValue =
  | { readonly kind: "none" }
  | { readonly kind: "bool"; readonly value: boolean }
  | { readonly kind: "int"; readonly value: string }
  | { readonly kind: "float"; readonly value: string }
  | { readonly kind: "str"; readonly value: string }
  | { readonly kind: "bytes"; readonly value: string }
  | { readonly kind: "list" | "tuple" | "set"; readonly items: readonly PythonValue[] }
  | { readonly kind: "dict"; readonly items: readonly (readonly [PythonValue, PythonValue])[] }
  /** Any other object: nothing that can be written as a literal equals it. */
  | { readonly kind: "other"; readonly type: string };

const maxDepth = 30;
const maxItems = 20_000;

/** Reads a literal; a text that says what is wrong with it otherwise. */
export function parseLiteral(text: string): PythonValue | string {
  const reader = new LiteralReader(text);
  try {
    const value = reader.value(0);
    reader.blanks();
    if (!reader.ended) return `unexpected ${JSON.stringify(reader.rest.slice(0, 20))}`;
    return value;
  } catch (error) {
    if (error instanceof LiteralError) return error.message;
    throw error;
  }
}

class LiteralError extends Error {}

const closing = {
  "[": { sign: "]", pattern: /\]/y },
  "(": { sign: ")", pattern: /\)/y },
  "{": { sign: "}", pattern: /\}/y },
} as const;
const escapes: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  "0": "\0",
  a: "\x07",
  b: "\b",
  f: "\f",
  v: "\v",
  "\\": "\\",
  "'": "'",
  '"': '"',
  "\n": "",
};

class LiteralReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get ended(): boolean {
    return this.#at >= this.#text.length;
  }

  get rest(): string {
    return this.#text.slice(this.#at);
  }

  blanks(): void {
    this.#take(/\s*/y);
  }

  value(depth: number): PythonValue {
    if (depth > maxDepth) throw new LiteralError("too many levels within each other");
    this.blanks();
    const word = this.#take(/(None|True|False|set\(\s*\))(?!\w)/y);
    if (word === "None") return { kind: "none" };
    if (word === "True" || word === "False") return { kind: "bool", value: word === "True" };
    if (word !== undefined) return { kind: "set", items: [] };
    const text = this.#string();
    if (text) return text;
    const number = this.#number();
    if (number) return number;
    const open = this.#take(/[[({]/y);
    if (open === "[" || open === "(" || open === "{") return this.#collection(open, depth);
    throw new LiteralError(
      this.ended ? "a value is missing" : `no value of Python: ${JSON.stringify(this.rest.slice(0, 20))}`,
    );
  }

  #number(): PythonValue | undefined {
    const sign = this.#take(/[+-]\s*/y)?.startsWith("-") ? "-" : "";
    const float = this.#take(/(\d[\d_]*\.[\d_]*|\.\d[\d_]*|\d[\d_]*(?=[eE]))([eE][+-]?\d+)?/y);
    if (float !== undefined) return { kind: "float", value: String(Number(sign + float.replaceAll("_", ""))) };
    const int = this.#take(/0[xX][\da-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|\d[\d_]*/y);
    if (int !== undefined) {
      if (int.length > 5000) throw new LiteralError("a number with too many digits");
      const value = BigInt(int.replaceAll("_", ""));
      return { kind: "int", value: String(sign === "-" ? -value : value) };
    }
    if (sign !== "") throw new LiteralError("a number is missing");
    return undefined;
  }

  #string(): PythonValue | undefined {
    let kind: "str" | "bytes" | undefined;
    let value = "";
    for (;;) {
      const start = this.#take(/(?:[bB]?[rR]?|[rR][bB]|[uU])(?:'''|"""|'|")/y);
      if (start === undefined) return kind && { kind, value };
      const quote = start.replace(/^[a-zA-Z]+/, "");
      const prefix = start.slice(0, -quote.length).toLowerCase();
      kind = prefix.includes("b") ? "bytes" : "str";
      value += this.#quoted(quote, prefix.includes("r"), kind === "bytes");
      this.blanks();
    }
  }

  #quoted(quote: string, raw: boolean, bytes: boolean): string {
    let value = "";
    for (;;) {
      if (this.ended) throw new LiteralError("a quote is not closed");
      if (this.#text.startsWith(quote, this.#at)) {
        this.#at += quote.length;
        return value;
      }
      const char = this.#text[this.#at++] ?? "";
      if (char !== "\\") {
        value += char;
        continue;
      }
      if (raw) value += `\\${this.#text[this.#at++] ?? ""}`;
      else value += this.#escape(bytes);
    }
  }

  #escape(bytes: boolean): string {
    const code = this.#take(/x[\da-fA-F]{2}/y) ?? (bytes ? undefined : this.#take(/u[\da-fA-F]{4}|U[\da-fA-F]{8}/y));
    if (code !== undefined) {
      const point = Number.parseInt(code.slice(1), 16);
      if (point > 0x10ffff) throw new LiteralError("no such character");
      return String.fromCodePoint(point);
    }
    const char = this.#text[this.#at++] ?? "";
    return escapes[char] ?? `\\${char}`;
  }

  #collection(open: keyof typeof closing, depth: number): PythonValue {
    const items: PythonValue[] = [];
    const pairs: Pair[] = [];
    let commas = 0;
    for (;;) {
      this.blanks();
      if (this.#take(closing[open].pattern) !== undefined) break;
      if (this.ended) throw new LiteralError(`a ${closing[open].sign} is missing`);
      if (items.length + pairs.length > commas) throw new LiteralError("a comma is missing");
      const item = this.value(depth + 1);
      this.blanks();
      if (open === "{" && this.#take(/:/y) !== undefined) pairs.push([item, this.value(depth + 1)]);
      else items.push(item);
      if (items.length + pairs.length > maxItems) throw new LiteralError("too many items");
      this.blanks();
      if (this.#take(/,/y) !== undefined) commas++;
    }
    return open === "{" ? setOrMap(items, pairs) : sequence(open, items, commas);
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }
}

function sequence(open: "[" | "(", items: readonly PythonValue[], commas: number): PythonValue {
  const [only] = items;
  if (open === "[") return { kind: "list", items };
  return items.length === 1 && commas === 0 && only ? only : { kind: "tuple", items };
}

function setOrMap(items: readonly PythonValue[], pairs: readonly Pair[]): PythonValue {
  if (items.length > 0 && pairs.length > 0) throw new LiteralError("a dictionary needs a value for each key");
  return items.length > 0 ? { kind: "set", items } : { kind: "dict", items: pairs };
}

/** Whether two values are equal, numbers within `tolerance`, which is relative for large ones. */
export function equalValues(one: PythonValue, other: PythonValue, tolerance = 0): boolean {
  const [a, b] = [numberOf(one), numberOf(other)];
  if (a !== undefined || b !== undefined) return a !== undefined && b !== undefined && equalNumbers(a, b, tolerance);
  return one.kind === other.kind && equalContents(one, other, tolerance);
}

function equalContents(one: PythonValue, other: PythonValue, tolerance: number): boolean {
  if ("value" in one) return "value" in other && one.value === other.value;
  if (one.kind === "dict") return other.kind === "dict" && equalPairs(one.items, other.items, tolerance);
  if (one.kind === "set")
    return other.kind === "set" && equalPairs(one.items.map(paired), other.items.map(paired), tolerance);
  if (one.kind === "list" || one.kind === "tuple")
    return (other.kind === "list" || other.kind === "tuple") && equalItems(one.items, other.items, tolerance);
  return one.kind === "none";
}

function equalItems(some: readonly PythonValue[], others: readonly PythonValue[], tolerance: number): boolean {
  return (
    some.length === others.length &&
    some.every((item, index) => {
      const other = others[index];
      return other !== undefined && equalValues(item, other, tolerance);
    })
  );
}

type Pair = readonly [PythonValue, PythonValue];

function paired(item: PythonValue): Pair {
  return [item, { kind: "none" }];
}

/** Whether the keys are the same and have equal values, in whatever order. */
function equalPairs(some: readonly Pair[], others: readonly Pair[], tolerance: number): boolean {
  if (some.length !== others.length) return false;
  const byKey = new Map(others.map((pair) => [keyText(pair[0]), pair[1]]));
  return (
    byKey.size === some.length &&
    some.every(([key, value]) => {
      const other = byKey.get(keyText(key));
      return other !== undefined && equalValues(value, other, tolerance);
    })
  );
}

/** A text that is the same for equal keys. */
function keyText(key: PythonValue): string {
  const number = numberOf(key);
  if (number !== undefined)
    return `number ${typeof number === "bigint" || !Number.isInteger(number) ? number : BigInt(number)}`;
  return key.kind === "tuple" ? `(${key.items.map(keyText).join(",")})` : JSON.stringify(key);
}

function numberOf(value: PythonValue): bigint | number | undefined {
  if (value.kind === "bool") return value.value ? 1n : 0n;
  if (value.kind === "int") return BigInt(value.value);
  return value.kind === "float" ? Number(value.value) : undefined;
}

function equalNumbers(a: bigint | number, b: bigint | number, tolerance: number): boolean {
  // oxlint-disable-next-line eqeqeq -- a whole number of either kind equals the other, exactly
  if (a == b) return true;
  if (tolerance === 0 && typeof a === "bigint" && typeof b === "bigint") return false;
  const [x, y] = [Number(a), Number(b)];
  if (Number.isNaN(x) && Number.isNaN(y)) return true; // whoever expects a nan means one
  return Math.abs(x - y) <= tolerance * Math.max(1, Math.abs(x), Math.abs(y));
}

/** A value as Python writes it, cut at `max` characters. */
export function literalText(value: PythonValue, max = 400): string {
  const text = written(value);
  return text.length > max ? `${text.slice(0, max)}…` : text;
}

function written(value: PythonValue): string {
  switch (value.kind) {
    case "none":
      return "None";
    case "bool":
      return value.value ? "True" : "False";
    case "int":
      return value.value;
    case "float":
      return floatText(Number(value.value));
    case "str":
      return JSON.stringify(value.value);
    case "bytes":
      return `b${JSON.stringify(value.value)}`;
    case "list":
      return `[${value.items.map(written).join(", ")}]`;
    case "tuple":
      return `(${value.items.map(written).join(", ")}${value.items.length === 1 ? "," : ""})`;
    case "set":
      return value.items.length === 0 ? "set()" : `{${value.items.map(written).join(", ")}}`;
    case "dict":
      return `{${value.items.map(([key, item]) => `${written(key)}: ${written(item)}`).join(", ")}}`;
    case "other":
      return `an object of type ${value.type}`;
    default:
      return value satisfies never;
  }
}

function floatText(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value < 0 ? "-inf" : "inf";
  return Number.isInteger(value) && Math.abs(value) < 1e16 ? `${value}.0` : String(value);
}
