/** Values of the wrong type, and calls that don't fit. */
import type { ErrorFacts, FactPart } from "../../runner/error-facts.ts";
import {
  isNamed,
  typeInWords,
  madeSentence,
  partSentence,
  said,
  sentences,
  when,
  wordsOf,
  type Explainer,
  type Explanation,
} from "./explanation.ts";

const isNumber = (type: string | undefined): boolean => type === "int" || type === "float" || type === "bool";

/** The types of an operation that Python refuses, with its sign. */
function operands(facts: ErrorFacts): readonly [sign: string, left: string, right: string] | undefined {
  const [sign, left, right] =
    said(facts, /^unsupported operand type\(s\) for (\S+?)=?(?: or .+?)?: '(.+?)' and '(.+?)'/) ??
    said(facts, /^'(.+?)' not supported between instances of '(.+?)' and '(.+?)'/) ??
    [];
  if (sign !== undefined && left !== undefined && right !== undefined) return [sign, left, right];
  const [one, other] = said(facts, /^can only concatenate (\w+) \(not "(\w+)"\) to/) ?? [];
  return one !== undefined && other !== undefined ? ["+", one, other] : undefined;
}

const mixedOperation: Explainer = (facts) => {
  if (facts.kind !== "TypeError") return undefined;
  const found = operands(facts);
  if (!found) return undefined;
  const [sign, left, right] = found;
  const isOrder = /^[<>]=?$/.test(sign);
  return {
    what: isOrder
      ? `Python can't say which is larger: ${typeInWords(left)}, or ${typeInWords(right)}.`
      : `${sign} does not work between ${typeInWords(left)} and ${typeInWords(right)}.`,
    why: sentences(partSentence(facts.left), partSentence(facts.right)),
    tries: mixedTries(facts, [sign, left, right]),
  };
};

function mixedTries(
  { left: one, right: other }: ErrorFacts,
  [sign, left, right]: readonly [string, string, string],
): readonly string[] {
  const text = left === "str" ? one : right === "str" ? other : undefined;
  const number = isNumber(left) ? one : isNumber(right) ? other : undefined;
  const none = left === "NoneType" ? one : right === "NoneType" ? other : undefined;
  const isTextAndNumber = [left, right].includes("str") && (isNumber(left) || isNumber(right));
  return sentences(
    when(none, `Find out why ${wordsOf(none)} is None: is a return missing in the function it comes from?`),
    when(isTextAndNumber, `To calculate, make a number of the text: ${convert("int", text)} (or float).`),
    when(
      isTextAndNumber && sign === "+",
      `To join them, make a text of the number: ${convert("str", number)}, or use an f-string: f"... {${wordsOf(number)}}".`,
    ),
    when(isTextAndNumber, "input() always gives a text, also when somebody types a number."),
    when(
      [left, right].includes("list") && sign === "+",
      "To add one item to a list, use append(): the_list.append(item).",
    ),
    when(
      [left, right].some((type) => type === "function" || type === "method"),
      "A function is called with parentheses: name().",
    ),
    when(!isTextAndNumber && !none, "Look at both values with print() before this line: is each what you expect?"),
  );
}

function convert(type: string, part: FactPart | undefined): string {
  return `${type}(${part && isNamed(part) ? part.text : "..."})`;
}

const notCallable: Explainer = (facts) => {
  const [type] = said(facts, /^'(.+?)' object is not callable/) ?? [];
  if (facts.kind !== "TypeError" || type === undefined) return undefined;
  const name = facts.callee?.text;
  const isList = ["list", "tuple", "dict", "str"].includes(type);
  const builtin =
    name !== undefined && /^(list|str|int|float|dict|set|sum|max|min|len|input|print|sorted|range|type|id)$/.test(name);
  return {
    what: `${name ?? "Something here"} is ${typeInWords(type)}, and can't be called like a function.`,
    why: sentences(
      "Parentheses behind a name call a function.",
      when(builtin, `${name} is a function of Python's, but this program has given that name to something else.`),
      madeSentence(name, facts.made),
    ),
    tries: sentences(
      when(builtin, `Choose another name for your own ${name}; then ${name}(...) is Python's function again.`),
      when(isList, `For an item use square brackets: ${name ?? "name"}[...] instead of ${name ?? "name"}(...).`),
      when(isNumber(type), "Is a * missing? In Python 2(x + 1) has to be written 2 * (x + 1)."),
      when(type === "NoneType", "Is there one pair of parentheses too many? name()() calls what name() gives back."),
      when(type === "module", `A module is no function: you may mean ${name ?? "name"}.something(...).`),
      when(type === "str", "Is there a comma or a + missing between two texts?"),
    ),
  };
};

const notSubscriptable: Explainer = (facts) => {
  const [type] = said(facts, /^'(.+?)' object is not subscriptable/) ?? [];
  if (facts.kind !== "TypeError" || type === undefined) return undefined;
  const name = facts.base?.text ?? "What stands before the brackets";
  const isCall = ["function", "builtin_function_or_method", "method", "type"].includes(type);
  return {
    what: `${name} is ${typeInWords(type)}, and has no items to take with [ ].`,
    why: sentences(when(isNumber(type), partSentence(facts.base)), madeSentence(facts.base?.text, facts.made)),
    tries: sentences(
      when(isCall, `A function is called with round parentheses: ${name}(...).`),
      when(
        type === "NoneType",
        `Find out why ${name} is None: a function without return gives None, and so do sort() and append().`,
      ),
      when(isNumber(type), `For the digits of a number make a text of it first: str(${facts.base?.text ?? "x"})[0].`),
      when(type === "set", "A set has no order: use a list, or go through it with for."),
      `Is ${name} really what you think it is? print(${facts.base?.text ?? "..."}) before this line shows it.`,
    ),
  };
};

const wrongIndexType: Explainer = (facts) => {
  const [type, given] =
    said(
      facts,
      /^(list|tuple|string|str|byte|range object)(?: indices| index)? (?:indices )?must be integers(?: or slices)?, not '?(.+?)'?$/,
    ) ??
    said(facts, /^(string|list|tuple) indices must be integers()/) ??
    [];
  if (facts.kind !== "TypeError" || type === undefined) return undefined;
  const name = wordsOf(facts.base, "It");
  const index = wordsOf(facts.index);
  const got = given || (facts.index?.type ?? "");
  const holder = type.startsWith("str") ? "a text" : `a ${type.replace(" object", "")}`;
  return {
    what: `The place in ${holder} has to be a whole number.`,
    why: sentences(
      when(got, `Here it is ${typeInWords(got)}: ${index}.`),
      when(got === "str", `${name} is ${holder}, not a dictionary, which would have keys.`),
    ),
    tries: sentences(
      when(got === "float", `Use // instead of / to divide, or int(${index}).`),
      when(got === "str" && /^\w+$/.test(index), `If ${index} holds a number, write int(${index}).`),
      when(got === "str", "In for item in the_list, item is the thing itself and no number: use it directly."),
      when(got === "tuple", "For a list of lists write table[row][column] instead of table[row, column]."),
      when(got === "list", "One item at a time: go through the places with for."),
      when(got === "NoneType", `Find out why ${index} is None.`),
    ),
  };
};

const unchangeable: Explainer = (facts) => {
  const [type, action] = said(facts, /^'(.+?)' object (?:does not|doesn't) support item (assignment|deletion)/) ?? [];
  if (facts.kind !== "TypeError" || type === undefined) return undefined;
  const name = facts.base?.text ?? "It";
  const reason = {
    str: "A text can't be changed once it is made.",
    tuple: "A tuple can't be changed once it is made.",
  }[type];
  return {
    what: `${name} is ${typeInWords(type)}: its items can't be ${action === "deletion" ? "deleted" : "set"} one by one.`,
    why: sentences(reason, madeSentence(facts.base?.text, facts.made)),
    tries: sentences(
      when(
        type === "str",
        `Make a new text: ${name} = ${name}.replace("old", "new"), or join parts of it: ${name}[:1] + "x" + ${name}[2:].`,
      ),
      when(type === "tuple", `Use a list, [ ] instead of ( ), or ${name} = list(${name}) before.`),
      when(type === "NoneType", `Find out why ${name} is None.`),
      when(type === "set", `A set has add() and remove().`),
      when(type === "range", `Make a list of it first: list(${name}).`),
    ),
  };
};

const notIterable: Explainer = (facts) => {
  const [type] =
    said(facts, /^(?:cannot unpack non-iterable |argument of type |)'?(\w+)'?(?: object)? is not iterable/) ??
    said(facts, /^cannot unpack non-iterable (\w+) object/) ??
    [];
  if (facts.kind !== "TypeError" || type === undefined) return undefined;
  const name = facts.base?.text;
  const isFor = /^\s*(async )?for\b/.test(facts.source ?? "");
  return {
    what: `${name ?? `A value here is ${typeInWords(type)}: it`}${name ? ` is ${typeInWords(type)}, and` : ""} can't be gone through one by one.`,
    why: sentences(
      when(isNumber(type), partSentence(facts.base)),
      "for, in, list(), sum() and the like need several things: a list, a text, a range, a dictionary.",
      madeSentence(name, facts.made),
    ),
    tries: sentences(
      when(type === "int" && isFor, `To count, write range(${name ?? "..."}): for i in range(${name ?? "10"}):`),
      when(type === "int", `For the digits of a number, make a text of it: str(${name ?? "..."}).`),
      when(
        type === "NoneType",
        `Find out why it is None: does the function end with return? sort() and append() give back None.`,
      ),
      when(
        ["function", "method", "builtin_function_or_method", "type"].includes(type),
        "A function is called with parentheses: name().",
      ),
      when(
        /unpack/.test(facts.message ?? ""),
        "On the right of = there have to be as many values as names on the left.",
      ),
    ),
  };
};

const needsInteger: Explainer = (facts) => {
  const [type] = said(facts, /^'(.+?)' object cannot be interpreted as an integer/) ?? [];
  if (facts.kind !== "TypeError" || type === undefined) return undefined;
  const name = facts.callee?.text;
  const wrong = facts.arguments?.filter((each) => each.type === type) ?? [];
  const argument = wrong.length === 1 ? wrong[0]?.text : undefined;
  return {
    what: `${name ?? "This"} needs a whole number, and got ${typeInWords(type)}.`,
    why: sentences(
      ...wrong.map(partSentence),
      when(type === "float", "A division with / always gives a number with a decimal point, 4 / 2 too."),
    ),
    tries: sentences(
      when(type === "float", `Divide with // instead of /, or write int(${argument ?? "..."}).`),
      when(type === "str", `Make a number of the text: int(${argument ?? "..."}). input() always gives a text.`),
      when(type === "list", `If you mean its length: len(${argument ?? "..."}).`),
      when(type === "NoneType", "Find out why it is None: is a return missing?"),
    ),
  };
};

const parameterCount: Explainer = (facts) => {
  const [name, takes, given] =
    said(facts, /^(.+?)\(\) takes (.+?) positional arguments? but (\d+) (?:was|were) given/) ?? [];
  if (facts.kind !== "TypeError" || name === undefined || takes === undefined || given === undefined) return undefined;
  const short = name.split(".").at(-1) ?? name;
  const isMethod = facts.method === true || (name.includes(".") && !name.includes("<locals>"));
  if (isMethod && lacksSelf(facts, takes)) return missingSelf(short, facts.parameters, takes);
  const itself = isMethod ? 1 : 0;
  const wanted = /^\d+$/.test(takes) ? Number(takes) - itself : takes;
  return {
    what: `${short}() got too many values: it takes ${wanted}, and was given ${Number(given) - itself}.`,
    why: sentences(
      parametersSentence(short, facts),
      when(isMethod, "The object itself, self, counts as one more; it is left out here."),
    ),
    tries: [
      "Leave out what is too much, or give the function another parameter.",
      "Is a list meant as one value? Then it needs brackets: f([1, 2]) instead of f(1, 2).",
    ],
  };
};

function lacksSelf({ parameters }: ErrorFacts, takes: string): boolean {
  return parameters ? parameters[0] !== "self" : takes === "0";
}

function missingSelf(name: string, parameters: readonly string[] | undefined, takes: string): Explanation {
  const others = parameters?.join(", ") ?? (takes === "0" ? "" : "...");
  return {
    what: `The method ${name} lacks its first parameter, self.`,
    why: [
      "Whoever calls object.method() hands in the object itself as the first value. The method needs a parameter for it.",
    ],
    tries: [`Write def ${name}(self${others === "" ? "" : `, ${others}`}): in the class.`],
  };
}

function parametersSentence(name: string, { parameters, definedAt }: ErrorFacts): string | undefined {
  const at = definedAt === undefined ? "" : ` in line ${definedAt}`;
  return parameters && `${name} is made with the parameters (${parameters.join(", ")})${at}.`;
}

const parameterMissing: Explainer = (facts) => {
  const [name, count, names] =
    said(facts, /^(.+?)\(\) missing (\d+) required (?:positional|keyword-only) arguments?: (.+)$/) ?? [];
  if (facts.kind !== "TypeError" || name === undefined || names === undefined) return undefined;
  const short = name.split(".").at(-1) ?? name;
  const isSelf = names === "'self'" || names.startsWith("'self',") || names.startsWith("'self' and");
  if (isSelf)
    return {
      what: `${short}() was called on the class, and not on an object.`,
      why: ["A method needs an object to work on: self is that object."],
      tries: [
        `Make an object first, with parentheses: thing = ${name.split(".").at(-2) ?? "Class"}(), then thing.${short}(...).`,
      ],
    };
  return {
    what: `${short}() needs ${count === "1" ? "one more value" : `${count} more values`}: ${names.replaceAll("'", "")}.`,
    why: sentences(
      parametersSentence(short, facts),
      when(short === "__init__", "__init__ is called when an object is made."),
    ),
    tries: sentences(
      `Hand in a value for ${names.replaceAll("'", "")} between the parentheses.`,
      `Or give the parameter a value for when nothing is handed in: def ${short}(..., ${names.split("'")[1] ?? "x"}=0):`,
    ),
  };
};

const unknownKeyword: Explainer = (facts) => {
  const [name, keyword] =
    said(facts, /^(.+?)\(\) got an unexpected keyword argument '(.+?)'/) ??
    said(facts, /^'(.+?)' is an invalid keyword argument for (.+?)\(\)/)?.toReversed() ??
    [];
  if (facts.kind !== "TypeError" || keyword === undefined) return undefined;
  const short = name?.split(".").at(-1) ?? "The function";
  return {
    what: `${short}() has no parameter that is called ${keyword}.`,
    why: sentences(parametersSentence(short, facts)),
    tries: [`Compare the spelling of ${keyword} with the parameters; help(${short}) shows them.`],
  };
};

const builtinCount: Explainer = (facts) => {
  const [name, expected, got] =
    said(
      facts,
      /^(.+?)\(?\)? (?:takes|expected) (.+? arguments?),?(?: (?:but|\() ?(.+?)(?: given)?\)?|, got (.+))?$/,
    ) ?? [];
  if (facts.kind !== "TypeError" || name === undefined || expected === undefined || /\s/.test(name)) return undefined;
  return {
    what: `${name}() was called with the wrong number of values.`,
    why: sentences(`It takes ${expected}${got ? `; ${got.replace("(", "")}` : ""}.`),
    tries: sentences(
      when(name === "input", "input() takes one text: join several with + or an f-string."),
      when(name.endsWith("append"), "append() adds one item: use extend([...]) for several."),
      `help(${name}) at the prompt shows what it takes.`,
    ),
  };
};

const unhashable: Explainer = (facts) => {
  const [type] = said(facts, /unhashable type: '(.+?)'/) ?? [];
  if (facts.kind !== "TypeError" || type === undefined) return undefined;
  return {
    what: `${typeInWords(type)} can't be a key of a dictionary, or an item of a set.`.replace(/^a/, "A"),
    why: ["Keys have to stay the same. What can be changed, such as a list, can't be found again."],
    tries: ["Use a tuple, ( ) instead of [ ], or a text as the key."],
  };
};

const noLength: Explainer = (facts) => {
  const [type] = said(facts, /^object of type '(.+?)' has no len\(\)/) ?? [];
  if (facts.kind !== "TypeError" || type === undefined) return undefined;
  const part = facts.arguments?.[0];
  const name = part?.text ?? "It";
  return {
    what: `${name} is ${typeInWords(type)}, and has no length.`,
    why: sentences(when(isNumber(type), partSentence(part))),
    tries: sentences(
      when(isNumber(type), `For the number of its digits: len(str(${part?.text ?? "..."})).`),
      when(type === "NoneType", `Find out why ${name} is None.`),
      "len() works with texts, lists, tuples, dictionaries, sets and ranges.",
    ),
  };
};

const badJoin: Explainer = (facts) => {
  const [place, type] = said(facts, /^sequence item (\d+): expected str instance, (.+?) found/) ?? [];
  if (facts.kind !== "TypeError" || type === undefined) return undefined;
  const list = facts.arguments?.[0]?.text;
  return {
    what: `join() puts texts together, but item ${place} is ${typeInWords(type)}.`,
    tries: [`Make texts of all items first: ", ".join(str(each) for each in ${list ?? "the_list"})`],
  };
};

const wrongArgument: Explainer = (facts) => {
  const { kind, callee, arguments: given = [] } = facts;
  const [, type] = said(facts, /^(.*must be .*), not '?(.+?)'?$/) ?? [];
  if (kind !== "TypeError" || type === undefined) return undefined;
  const wrong = given.filter((each) => each.type === type);
  return {
    what: `${callee?.text ?? "The function"}${callee?.text ? "()" : ""} can't work with ${typeInWords(type)}.`,
    why: sentences(`Python says: ${facts.message ?? ""}`, ...wrong.map(partSentence)),
    tries: sentences(
      when(
        type === "str",
        "If the text holds a number, make one of it: int(...) or float(...). input() always gives a text.",
      ),
      when(type === "list", "Take one item of the list, with [ ] or for."),
      when(type === "NoneType", "Find out why it is None: is a return missing?"),
      `help(${callee?.text ?? "..."}) at the prompt shows what it takes.`,
    ),
  };
};

/** What is long enough to be said of any other TypeError. */
export function valuesOf({ left, right, base, index, arguments: given = [] }: ErrorFacts): readonly string[] {
  return sentences(...[left, right, base, index, ...given].map((part) => part && isNamed(part) && partSentence(part)));
}

/** The entries, each for the errors that it knows. */
export const typeErrors: readonly Explainer[] = [
  mixedOperation,
  notCallable,
  notSubscriptable,
  wrongIndexType,
  unchangeable,
  notIterable,
  needsInteger,
  parameterCount,
  parameterMissing,
  unknownKeyword,
  unhashable,
  noLength,
  badJoin,
  builtinCount,
  wrongArgument,
];
