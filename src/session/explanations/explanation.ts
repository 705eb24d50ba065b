/** What an explanation is, and the words that all entries of the catalogue share. */
import type { ErrorFacts, FactLine, FactPart } from "../../runner/error-facts.ts";

/** An explanation of an error. Its texts may hold what a program chose: they are cleaned where they are shown. */
export interface Explanation {
  /** What went wrong, in a sentence. */
  readonly what: string;
  /** Why, as far as that is sure. */
  readonly why?: readonly string[] | undefined;
  /** What to try, the best first. */
  readonly tries: readonly string[];
  /** A few words for the sentence after the run: "print needs parentheses". */
  readonly brief?: string;
}

/** An entry of the catalogue: the explanation of the errors that it knows, undefined for all others. */
export type Explainer = (facts: ErrorFacts) => Explanation | undefined;

const kinds: Readonly<Record<string, string>> = {
  int: "a whole number (int)",
  float: "a number with a decimal point (float)",
  complex: "a complex number",
  str: "a text (str)",
  bytes: "bytes",
  bool: "True or False (bool)",
  NoneType: "None, which means nothing at all",
  list: "a list",
  tuple: "a tuple",
  dict: "a dictionary",
  set: "a set",
  range: "a range",
  function: "a function",
  builtin_function_or_method: "a function",
  method: "a method",
  module: "a module",
  type: "a class",
};

/** A type in words: "a text (str)". */
export function typeInWords(type: string): string {
  return kinds[type] ?? `of the type ${type}`;
}

/** Whether a part of the text says more than its own value. */
export function isNamed(part: FactPart | undefined): part is FactPart {
  return part?.text !== undefined && part.text !== part.value;
}

/** The words of a part of the text. */
export function wordsOf(part: FactPart | undefined, otherwise = "..."): string {
  return part?.text ?? otherwise;
}

/** "age is 3, a whole number (int)"; undefined when nothing is known of it. */
export function partSentence(part: FactPart | undefined): string | undefined {
  if (part?.type === undefined || part.text === undefined) return undefined;
  if (part.type === "NoneType") return `${part.text} is None.`;
  if (part.value === undefined || part.length === 0)
    return `${part.text} is ${lengthOf(part) ?? typeInWords(part.type)}.`;
  return `${part.text} is ${isNamed(part) ? `${part.value}, ` : ""}${typeInWords(part.type)}.`;
}

const items: Readonly<Record<string, string>> = { str: "character", dict: "key" };
const empties: Readonly<Record<string, string>> = {
  list: "an empty list",
  tuple: "an empty tuple",
  dict: "an empty dictionary",
  str: "an empty text",
  set: "an empty set",
  range: "an empty range",
};

/** "a list with 3 items"; undefined for what has no length. */
export function lengthOf({ type = "", length }: FactPart): string | undefined {
  if (length === undefined) return undefined;
  if (length === 0) return empties[type];
  const item = items[type] ?? "item";
  return `${typeInWords(type).replace(/ \(.*/, "")} with ${length} ${item}${length === 1 ? "" : "s"}`;
}

/** Sentences, without those that are missing. */
export function sentences(...all: readonly (string | undefined | false)[]): readonly string[] {
  return all.filter((each): each is string => typeof each === "string" && each !== "");
}

/** A sentence that holds only then. */
export function when(condition: unknown, sentence: string | undefined): string | undefined {
  return condition ? sentence : undefined;
}

/** "name", "name" or "mane". */
export function alternatives(names: readonly string[] = []): string {
  return names.length < 2 ? (names[0] ?? "") : `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
}

/** "It gets its value in line 3: x = x.sort()". */
export function madeSentence(name: string | undefined, made: FactLine | undefined): string | undefined {
  return made && name !== undefined ? `Line ${made.line} gives ${name} a value: ${made.text}` : undefined;
}

/** The groups of a pattern in Python's message; undefined when it says something else. */
export function said({ message = "" }: ErrorFacts, pattern: RegExp): readonly string[] | undefined {
  return pattern.exec(message)?.slice(1);
}
