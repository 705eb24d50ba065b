/** Values that don't fit: numbers in texts, places in lists, keys, divisions. */
import type { ErrorFacts, FactPart } from "../../runner/error-facts.ts";
import {
  alternatives,
  isNamed,
  lengthOf,
  partSentence,
  said,
  sentences,
  when,
  wordsOf,
  type Explainer,
} from "./explanation.ts";

const notANumber: Explainer = (facts) => {
  const [text] =
    said(facts, /^invalid literal for int\(\) with base \d+: (.+)$/) ??
    said(facts, /^could not convert string to float: (.+)$/) ??
    [];
  if (facts.kind !== "ValueError" || text === undefined) return undefined;
  const isFloat = (facts.message ?? "").includes("to float");
  const argument = facts.arguments?.[0];
  const name = isNamed(argument) ? wordsOf(argument) : "...";
  const inner = text.replace(/^['"]|['"]$/g, "");
  const hasPoint = !isFloat && /^\s*[-+]?\d*\.\d*\s*$/.test(inner);
  const hasComma = /^\s*[-+]?\d+,\d+\s*$/.test(inner);
  return {
    what: `${text} can't be read as a ${isFloat ? "number" : "whole number"}.`,
    why: sentences(
      when(isNamed(argument), `That is what ${name} holds here.`),
      when(inner === "", "The text is empty: perhaps somebody only pressed Enter."),
      when(hasPoint, "int() reads whole numbers only; this one has a decimal point."),
      when(hasComma, "Python writes the decimal point as a point, not as a comma."),
      when(/\d\s*[a-zA-Z%€$]+\s*$/.test(inner), "There is more than the number in it."),
    ),
    tries: sentences(
      when(hasPoint, `Use float(${name}); int(float(${name})) cuts off what is behind the point.`),
      when(hasComma, `Replace the comma first: ${name}.replace(",", ".")`),
      "If a person types it, ask again until it is a number: try: ... except ValueError:",
      `Look at what it really is: print(repr(${name})) shows spaces and line ends as well.`,
    ),
  };
};

const wrongCount: Explainer = (facts) => {
  const many = facts.message?.startsWith("too many values");
  const [expected, got] = said(facts, /values to unpack \(expected (?:at least )?(\d+)(?:, got (\d+))?\)/) ?? [];
  if (facts.kind !== "ValueError" || expected === undefined) return undefined;
  const { right } = facts;
  const names = expected === "1" ? "1 name" : `${expected} names`;
  const isLoop = /^\s*(async )?for\b/.test(facts.source ?? "");
  const amount = got ?? String(right?.length ?? "more");
  return {
    what: `There are ${names} to fill, and ${amount} value${amount === "1" ? "" : "s"}.`,
    why: sentences(when(isNamed(right), partSentence(right))),
    tries: sentences(
      "Write as many names on the left as there are values, separated by commas.",
      when(many, "A star takes the rest: first, *others = values"),
      when(isLoop, "To go through a dictionary with key and value: for key, value in the_dictionary.items():"),
      when(isLoop, "To count along: for number, item in enumerate(the_list):"),
      when(
        right?.type === "str",
        `${wordsOf(right)} is a text, and is taken apart letter by letter: split() makes words of it.`,
      ),
    ),
  };
};

const notInList: Explainer = (facts) => {
  const isRemove = facts.message?.endsWith("not in list");
  const isIndex = /is not in (list|tuple)$|tuple\.index|substring not found/.test(facts.message ?? "");
  if (facts.kind !== "ValueError" || (!isRemove && !isIndex)) return undefined;
  const wanted = facts.arguments?.[0];
  const what = wanted?.value ?? wanted?.text ?? "It";
  return {
    what: `${what} is not there.`,
    why: sentences(
      when(isNamed(wanted), partSentence(wanted)),
      "remove() and index() need something that is really in it; capitals and spaces count.",
    ),
    tries: sentences(
      `Ask first: if ${wanted?.text ?? "x"} in ...:`,
      when(/substring/.test(facts.message ?? ""), "find() gives -1 instead of an error."),
    ),
  };
};

const emptySequence: Explainer = (facts) => {
  const isEmpty = /(arg|iterable argument) is (an )?empty|empty (sequence|range)|requires at least one/.test(
    facts.message ?? "",
  );
  if (facts.kind !== "ValueError" || !isEmpty) return undefined;
  const name = facts.callee?.text ?? "This function";
  const argument = facts.arguments?.[0]?.text;
  return {
    what: `${name}() got nothing to choose from.`,
    why: sentences(when(argument !== undefined && facts.arguments?.[0]?.length === 0, `${argument} is empty here.`)),
    tries: sentences(
      `Ask first whether there is something in it: if ${argument ?? "values"}:`,
      when(/^(max|min)$/.test(name), `Or say what an empty one gives: ${name}(${argument ?? "values"}, default=0)`),
    ),
  };
};

const mathDomain: Explainer = (facts) => {
  if (
    facts.kind !== "ValueError" ||
    !/math domain error|expected a (non-negative|positive)|factorial\(\) not defined/.test(facts.message ?? "")
  )
    return undefined;
  return {
    what: `${facts.callee?.text ?? "The function"}() has no result for this number.`,
    why: sentences(
      ...(facts.arguments ?? []).map((each) => isNamed(each) && partSentence(each)),
      "A negative number has no square root here, and only what is larger than 0 has a logarithm.",
    ),
    tries: ["Check the number before with if.", "cmath instead of math works with complex numbers."],
  };
};

const closedFile: Explainer = (facts) => {
  if (facts.kind !== "ValueError" || !/I\/O operation on closed file/.test(facts.message ?? "")) return undefined;
  return {
    what: "The file is closed already.",
    why: ["At the end of a with block Python closes the file, and close() does so too."],
    tries: ["Indent this line, so that it stands within the with block.", "Or open the file again."],
  };
};

const brokenJson: Explainer = (facts) => {
  if (facts.name !== "JSONDecodeError") return undefined;
  const place = facts.lineno === undefined ? "" : ` in its line ${facts.lineno}, column ${facts.colno ?? 1}`;
  const isEmpty = facts.message?.startsWith("Expecting value: line 1 column 1 ");
  return {
    what: `The text is not valid JSON${place}.`,
    why: sentences(
      when(
        isEmpty,
        "There is nothing that JSON begins with: perhaps the text is empty, or holds a file's name instead of its content.",
      ),
      when(
        /double quotes/.test(facts.message ?? ""),
        "JSON wants texts and keys in double quotes; single quotes are Python's.",
      ),
      when(
        /delimiter/.test(facts.message ?? ""),
        "A comma, a colon or a closing bracket is missing there, or the text ends too early.",
      ),
    ),
    tries: sentences(
      when(isEmpty, "json.loads reads a text, json.load an open file."),
      "Look at that place of the text: print(repr(text)).",
      "True, False and None are called true, false and null in JSON; there is no comma before a closing bracket.",
    ),
  };
};

const emptyList: Explainer = ({ kind, message = "" }) => {
  if (kind !== "IndexError") return undefined;
  if (message.startsWith("pop "))
    return {
      what: /empty/.test(message)
        ? "pop() takes an item out of a list, but the list is empty."
        : "pop() was given a place that the list does not have.",
      tries: ["Ask first whether there is something in it: if the_list:", "In a loop: while the_list:"],
    };
  return message.startsWith("Cannot choose from an empty")
    ? {
        what: "choice() has nothing to choose from: the list is empty.",
        tries: ["Fill the list first, or ask: if the_list:"],
      }
    : undefined;
};

const indexRange: Explainer = (facts) => {
  const [type = "list"] = said(facts, /^(\w+) .*out of range/) ?? [];
  if (facts.kind !== "IndexError" || !facts.message?.includes("out of range")) return undefined;
  const { base, index } = facts;
  const name = wordsOf(base, type === "string" ? "The text" : `The ${type}`);
  const at = index?.value === undefined ? "this place" : `place ${index.value}`;
  return {
    what: `${name} has no item at ${at}.`,
    why: sentences(
      when(isNamed(index) && index.value, `${wordsOf(index)} is ${index?.value} here.`),
      ...placesOf(base),
    ),
    tries: sentences(
      when(base?.length === 0, "Put something in it first, with append()."),
      when(
        lastPlace(base) + 1 === Number(index?.value),
        `The last item is ${name}[${lastPlace(base)}], or ${name}[-1].`,
      ),
      when(
        name.includes("argv"),
        "sys.argv has only what stands behind the file's name on the command line; F5 gives nothing.",
      ),
      "To go through all items, no places are needed: for item in the_list:",
      `Look at both before this line: print(len(${wordsOf(base)}), ${wordsOf(index)})`,
    ),
  };
};

/** The last place of a list; -2 where its length is not known, or 0. */
function lastPlace(base: FactPart | undefined): number {
  return base?.length ? base.length - 1 : -2;
}

/** Where a list's items are. */
function placesOf(base: FactPart | undefined): readonly string[] {
  if (base?.length === undefined) return [];
  const last = lastPlace(base);
  return sentences(
    `${wordsOf(base)} is ${lengthOf(base) ?? `${base.length} long`}.`,
    when(last > 0, `Python counts from 0: the places are 0 to ${last}.`),
    when(last === 0, "Python counts from 0: the only place is 0."),
  );
}

const missingKey: Explainer = (facts) => {
  const { kind, subject, base, index, near, otherType } = facts;
  if (kind !== "KeyError" || subject === undefined) return undefined;
  const name = wordsOf(base, "the_dictionary");
  const key = wordsOf(index, subject);
  return {
    what: base ? `The dictionary ${name} has no key ${subject}.` : `There is no key ${subject}.`,
    why: sentences(
      when(isNamed(index), `${key} is ${subject} here.`),
      keysOf(facts),
      when(otherType, 'There is one that looks the same, but a text and a number are different keys: 1 is not "1".'),
    ),
    tries: sentences(
      when(near?.length, `Did you mean ${alternatives(near)}? Capitals and spaces count.`),
      when(otherType, `Use ${index?.type === "str" ? "int" : "str"}(${key}) as the key.`),
      `Ask first: if ${key} in ${name}:`,
      `Or take something else when it is missing: ${name}.get(${key}, 0)`,
    ),
  };
};

function keysOf({ base, keys }: ErrorFacts): string | undefined {
  if (base?.length === undefined || !keys) return undefined;
  if (base.length === 0) return `${wordsOf(base)} is empty.`;
  return `Its keys are ${keys.join(", ")}${base.length > keys.length ? ", ..." : ""}.`;
}

const zeroDivision: Explainer = ({ kind, right, sign }) => {
  if (kind !== "ZeroDivisionError") return undefined;
  const isKnown = right?.value !== undefined && /^-?0(\.0)?$/.test(right.value);
  const name = isKnown && right && isNamed(right) ? right.text : undefined;
  return {
    what:
      name === undefined
        ? "Here something is divided by 0, which has no result."
        : `Here something is divided by ${name}, which is 0.`,
    why: sentences(when(sign === "%", "% divides, too: it gives the rest of a division.")),
    tries: sentences(
      `Ask first: if ${name ?? "the divisor"} != 0:`,
      when(name !== undefined, `Find out why ${name} is 0: is it counted before this line?`),
      "For an average of a list that may be empty, ask whether it has items: if the_list:",
    ),
  };
};

const badText: Explainer = (facts) => {
  if (!facts.kind.startsWith("Unicode")) return undefined;
  const isDecode = facts.kind === "UnicodeDecodeError";
  return {
    what: isDecode
      ? "The bytes are no text in the encoding that Python was told, mostly UTF-8."
      : "The text has letters that the encoding does not have.",
    why: isDecode
      ? ["The file is perhaps no text at all (a picture, a spreadsheet), or was saved in another encoding."]
      : [],
    tries: isDecode
      ? [
          'A text of an older Windows program: open(name, encoding="cp1252")',
          'What is no text: open(name, "rb") gives bytes.',
        ]
      : ['Use UTF-8, which has all letters: encoding="utf-8"'],
  };
};

const failedAssert: Explainer = (facts) => {
  if (facts.kind !== "AssertionError") return undefined;
  const condition = /^\s*assert\s+(.+?)(?:,\s*["'].*)?$/.exec(facts.source ?? "")?.[1];
  return {
    what: condition === undefined ? "An assert is not true." : `This was to be true, and is not: ${condition}`,
    why: sentences(
      "assert checks what the program relies on, and stops it when that does not hold.",
      facts.message ? `It says: ${facts.message}` : undefined,
    ),
    tries: [
      "If it is a test, the code that it tests gives something else than was wanted: print both sides.",
      "Look at the values in the condition before this line.",
    ],
  };
};

const tooLarge: Explainer = (facts) => {
  if (facts.kind !== "OverflowError" && !/Exceeds the limit .* for integer string conversion/.test(facts.message ?? ""))
    return undefined;
  return {
    what: "A number became too large for what is done with it.",
    why: [
      "Whole numbers may have any size in Python, but numbers with a decimal point end at about 1.8e308, and only 4300 digits are printed.",
    ],
    tries: [
      "Is a loop or a power larger than you meant? Print the values before this line.",
      "Use // instead of / to stay with whole numbers.",
    ],
  };
};

const badRange: Explainer = (facts) => {
  if (
    facts.kind !== "ValueError" ||
    !/range\(\) arg 3 must not be zero|empty range (for|in) rand|slice step cannot be zero/.test(facts.message ?? "")
  )
    return undefined;
  const isRandom = /rand/.test(facts.message ?? "");
  return {
    what: isRandom ? "The numbers to choose between are the wrong way round." : "A step of 0 would never end.",
    tries: isRandom
      ? ["The smaller number comes first: randint(1, 6)."]
      : ["Use 1, 2 or another step; -1 goes backwards."],
  };
};

/** The entries, each for the errors that it knows. */
export const valueErrors: readonly Explainer[] = [
  brokenJson,
  notANumber,
  wrongCount,
  badRange,
  notInList,
  emptySequence,
  mathDomain,
  closedFile,
  badText,
  emptyList,
  indexRange,
  missingKey,
  zeroDivision,
  failedAssert,
  tooLarge,
];
