/**
 * YAML of people's, with the line of every value. Its parts are read by the tokenizer first, which calls nothing deeper for what is nested,
 * and stops where they stand too deep within each other: the composer's stack would end there. Aliases, with which a few lines
 * could stand for billions, are refused.
 */
import { Composer, isMap, isNode, Lexer, LineCounter, Parser, stringify, visit, type CST, type Document } from "yaml";

/** A mistake in a file. */
export interface Mistake {
  readonly line: number;
  readonly text: string;
}

/** A text that was read. */
export interface YamlText {
  /** Its value, in which only plain objects, arrays, texts, numbers, booleans and null are. */
  readonly value: unknown;
  /** The line of what a path leads to, or of the nearest thing above it. */
  lineOf(path: readonly PropertyKey[]): number;
  /** The line of a key. */
  lineOfKey(path: readonly PropertyKey[], key: string): number;
}

/** Parts that may stand within each other. */
const maxDepth = 40;

/** Reads a text, or tells what is wrong with it. */
export function readYaml(text: string): YamlText | readonly Mistake[] {
  const lines = new LineCounter();
  const line = (offset: number): number => lines.linePos(offset).line || 1;
  lines.addNewLine(0);
  const tokens = tokensOf(text, lines);
  if (typeof tokens === "number") return [{ line: line(tokens), text: "too many levels within each other" }];
  const [document, second] = [...new Composer({ schema: "core", strict: true, uniqueKeys: true }).compose(tokens)];
  if (!document) return [{ line: 1, text: "the file is empty" }];
  if (second) return [{ line: line(second.range[0]), text: "a second document; one is needed" }];
  const problems = [...document.errors, ...document.warnings];
  if (problems.length > 0)
    return problems.map(({ pos, message }) => ({ line: line(pos[0]), text: inOneLine(message) }));
  const aliases: Mistake[] = [];
  visit(document, {
    Alias: (_key, { source, range }) =>
      void aliases.push({ line: line(range?.[0] ?? 0), text: `*${source}: write it again instead of naming it` }),
  });
  return aliases.length > 0 ? aliases : { value: document.toJS(), ...places(document, line) };
}

function offsetOf(node: unknown): number {
  return isNode(node) ? (node.range?.[0] ?? 0) : 0;
}

function places(document: Document.Parsed, line: (offset: number) => number): Pick<YamlText, "lineOf" | "lineOfKey"> {
  const nodeAt = (path: readonly PropertyKey[]): unknown => {
    for (let length = path.length; length > 0; length--) {
      const node = document.getIn(path.slice(0, length), true);
      if (isNode(node) && node.range) return node;
    }
    return document.contents;
  };
  return {
    lineOf: (path) => line(offsetOf(nodeAt(path))),
    lineOfKey(path, key) {
      const node = path.length === 0 ? document.contents : nodeAt(path);
      const pair = isMap(node) ? node.items.find((item) => String(item.key) === key) : undefined;
      return line(offsetOf(pair?.key ?? node));
    },
  };
}

/** The parts of a text, or where one stands too deep: then the rest is not read. */
function tokensOf(text: string, lines: LineCounter): readonly CST.Token[] | number {
  const parser = new Parser(lines.addNewLine);
  const tokens: CST.Token[] = [];
  for (const lexeme of new Lexer().lex(text)) {
    tokens.push(...parser.next(lexeme));
    if (parser.stack.length > maxDepth) return parser.offset;
  }
  return [...tokens, ...parser.end()];
}

/** The first line of a message, without the picture that follows. */
function inOneLine(message: string): string {
  const [first = ""] = message.split("\n");
  return first.replace(/[.:]$/, "").replace(/ at line \d+, column \d+$/, "");
}

/** A value as YAML. */
export function writeYaml(value: object): string {
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
}
