/** Names, attributes and modules that Python does not find. */
import type { ErrorFacts } from "../../runner/error-facts.ts";
import {
  alternatives,
  typeInWords,
  madeSentence,
  said,
  sentences,
  when,
  wordsOf,
  type Explainer,
  type Explanation,
} from "./explanation.ts";

/** Names of the standard library that people use without importing them. */
const modulesOf: Readonly<Record<string, string>> = {
  ...named("math", "sqrt pi sin cos tan floor ceil factorial gcd log radians degrees"),
  ...named("random", "randint choice shuffle randrange sample uniform"),
  ...named("time", "sleep perf_counter"),
  ...named("datetime", "date timedelta"),
  ...named("collections", "Counter defaultdict namedtuple deque OrderedDict"),
  ...named("pathlib", "Path"),
  ...named("itertools", "permutations combinations product chain"),
  ...named("functools", "reduce"),
  ...named("decimal", "Decimal"),
  ...named("fractions", "Fraction"),
  ...named("dataclasses", "dataclass"),
};

function named(module: string, names: string): Readonly<Record<string, string>> {
  return Object.fromEntries(names.split(" ").map((name) => [name, module]));
}

/** Words of other languages, of older Pythons, or nearly Python's. */
const foreign: Readonly<Record<string, string>> = {
  true: "True",
  TRUE: "True",
  false: "False",
  FALSE: "False",
  none: "None",
  null: "None",
  nil: "None",
  NULL: "None",
  undefined: "None",
  this: "self",
  raw_input: "input",
  xrange: "range",
  unicode: "str",
  string: "str",
  String: "str",
  integer: "int",
  Integer: "int",
  boolean: "bool",
  double: "float",
  length: "len",
  printf: "print",
  println: "print",
  puts: "print",
  echo: "print",
};

const unknownName: Explainer = (facts) => {
  const { subject: name, kind } = facts;
  if (kind !== "NameError" || name === undefined) return undefined;
  const what = `Python does not know the name ${name} here.`;
  return (
    missingSelf(facts, what) ??
    otherWord(name, what) ??
    misspelled(facts, what) ??
    defined(facts, what) ??
    unimported(facts, what) ?? {
      what,
      why: ["Nothing has been given this name before this line ran, or only inside another function."],
      tries: [
        `Did you mean a text? Then put it in quotes: "${name}".`,
        `Give ${name} a value before this line, for example ${name} = 0.`,
        "Compare the spelling, capitals too, with the place where the name is made.",
      ],
    }
  );
};

function missingSelf({ subject, inSelf, function: within }: ErrorFacts, what: string): Explanation | undefined {
  if (subject === "self")
    return {
      what,
      why: ["self is the object that a method belongs to. It is known only when it is the method's first parameter."],
      tries: sentences(
        when(
          within !== undefined,
          `Write self as the first parameter: def ${within}(self): or def ${within}(self, ...):`,
        ),
        "Outside of a class use the name of the object instead.",
      ),
    };
  if (!inSelf) return undefined;
  return {
    what,
    why: [`The object has ${subject}, but what belongs to an object is reached through self.`],
    tries: [`Write self.${subject} instead of ${subject}.`],
  };
}

function otherWord(name: string, what: string): Explanation | undefined {
  const word = Object.hasOwn(foreign, name) ? foreign[name] : undefined;
  if (word === undefined) return undefined;
  return {
    what,
    why: [`Python's word for it is ${word}.`],
    tries: [`Write ${word} instead of ${name}.`],
    brief: `Python's word for ${name} is ${word}`,
  };
}

function misspelled({ subject, near }: ErrorFacts, what: string): Explanation | undefined {
  if (!near?.length) return undefined;
  const isCapital = near[0]?.toLowerCase() === subject?.toLowerCase();
  return {
    what,
    why: sentences(
      `There is a name that looks like it: ${alternatives(near)}.`,
      when(isCapital, "Capital and small letters are different letters in a name."),
    ),
    tries: [
      `If you mean ${near?.[0]}, write it the same way in both places.`,
      "If you mean another name, give it a value before this line.",
      `If you mean a text, put it in quotes: "${subject}".`,
    ],
  };
}

function defined({ subject, laterLine, line }: ErrorFacts, what: string): Explanation | undefined {
  if (laterLine === undefined) return undefined;
  return {
    what,
    why: [
      `Line ${laterLine} makes it, but Python had not come there yet when it ran line ${line}: it goes from top to bottom.`,
    ],
    tries: [`Move what makes ${subject} above the line that begins to use it.`],
  };
}

function unimported({ subject, module }: ErrorFacts, what: string): Explanation | undefined {
  const from = subject !== undefined && Object.hasOwn(modulesOf, subject) ? modulesOf[subject] : undefined;
  if (from !== undefined)
    return {
      what,
      why: [`Python has a ${subject} in its module ${from}, which has to be imported.`],
      tries: [`Write at the top: from ${from} import ${subject}`, `Or: import ${from}, and here ${from}.${subject}`],
    };
  if (!module) return undefined;
  return {
    what,
    why: [`There is a module ${subject}, but this program has not imported it.`],
    tries: [`Write at the top: import ${subject}`],
  };
}

const unboundLocal: Explainer = (facts) => {
  const { subject: name, kind, function: within } = facts;
  if (kind !== "UnboundLocalError" || name === undefined) return undefined;
  return {
    what: `${name} has no value yet at this line.`,
    why: sentences(
      `Somewhere in ${within ?? "this function"} there is a line that gives ${name} a value. That makes ${name} a name of this function alone, and it is used before it got that value.`,
      when(facts.global, `There is also a ${name} outside of the function, but it is another one.`),
    ),
    tries: sentences(
      when(facts.global, `Best: hand it in as a parameter and give the new value back with return.`),
      when(
        facts.global,
        `Or write global ${name} as the first line of the function, if it shall change the outer one.`,
      ),
      `Or give ${name} a value inside the function, on every way that leads to this line.`,
    ),
  };
};

/** What people look for in types that have something else. */
const otherMethods: Readonly<Record<string, string>> = {
  "list.push": "append",
  "list.add": "append",
  "list.length": "len(...)",
  "list.size": "len(...)",
  "list.split": "a text has split(); a list is in parts already",
  "list.lower": "a text has lower(); take one item of the list first",
  "list.upper": "a text has upper(); take one item of the list first",
  "list.strip": "a text has strip(); take one item of the list first",
  "list.items": "a dictionary has items()",
  "list.keys": "a dictionary has keys()",
  "list.contains": "in: if x in the_list",
  "str.length": "len(...)",
  "str.size": "len(...)",
  "str.append": "+ : a text can't be changed, but text = text + more makes a new one",
  "str.contains": "in: if x in the_text",
  "str.toUpperCase": "upper()",
  "str.toLowerCase": "lower()",
  "str.trim": "strip()",
  "str.reverse": "[::-1]",
  "str.push": "+",
  "dict.has_key": "in: if key in the_dictionary",
  "dict.iteritems": "items()",
  "dict.append": "the_dictionary[key] = value",
  "dict.add": "the_dictionary[key] = value",
  "set.append": "add",
  "set.push": "add",
  "tuple.append": "a tuple can't be changed: use a list, [ ] instead of ( )",
  "int.append": "a list has append()",
};

const noneHas: Explainer = ({ kind, subject, base, made }) => {
  if (kind !== "AttributeError" || base?.type !== "NoneType") return undefined;
  const name = base.text ?? "What stands before the dot";
  return {
    what: `${name} is None, and None has no ${subject}.`,
    why: sentences(
      "None means that there is no value. Functions without a return give it, and so do methods that change something in place, such as sort(), append(), reverse() and print().",
      madeSentence(base.text, made),
    ),
    tries: sentences(
      inPlace(made?.text) ?? `Find out where ${name} gets its value, and why that is None.`,
      "If it comes from a function of yours: does every way through it end with return and a value?",
      `If None may happen, ask first: if ${name} is not None:`,
    ),
  };
};

/** `x = x.sort()` takes what sort gives back, which is None. */
export function inPlace(text: string | undefined): string | undefined {
  const [, name, object, method] =
    /^(\w+)\s*=\s*(\w+)\.(sort|append|reverse|extend|insert|remove|clear|update|add)\(/.exec(text ?? "") ?? [];
  if (method === undefined) return undefined;
  return name === object
    ? `Leave out "${name} = ": ${method}() changes ${object} itself, and gives back None.`
    : `${method}() changes ${object} itself and gives back None: use ${object} afterwards.`;
}

const unknownAttribute: Explainer = (facts) => {
  const { kind, subject, base, near, own } = facts;
  if (kind !== "AttributeError" || subject === undefined) return undefined;
  const type = base?.type;
  if (type === undefined || facts.module) return undefined;
  const name = wordsOf(base, "What stands before the dot");
  const other = otherMethods[`${type}.${subject}`];
  return {
    what: `${name} is ${typeInWords(type)}, which has no ${subject}.`,
    why: sentences(
      when(near?.length, `It has ${alternatives(near)}.`),
      when(own, `An object has what its class gives it, mostly in __init__ with self.${subject} = ...`),
      madeSentence(base?.text, facts.made),
    ),
    tries: sentences(
      when(other !== undefined, `Instead of ${subject}: ${other}`),
      when(near?.[0] !== undefined, `Did you mean ${near?.[0]}?`),
      when(own, `Check the spelling in the class, and that the line with self.${subject} = ... runs before this one.`),
      `Is ${name} really what you think it is? print(type(${wordsOf(base)})) shows it.`,
    ),
  };
};

const unknownInModule: Explainer = ({ kind, subject, base, near, module }) => {
  if (kind !== "AttributeError" || subject === undefined || !module) return undefined;
  const name = wordsOf(base, "It");
  return {
    what: `The module ${name} has nothing that is called ${subject}.`,
    why: sentences(when(near?.length, `It has ${alternatives(near)}.`)),
    tries: sentences(
      when(near?.length, `Did you mean ${name}.${near?.[0]}?`),
      `Is there a file ${name}.py of yours? Then that is imported instead: give it another name.`,
      `dir(${name}) at the prompt shows what it has, help(${name}) explains it.`,
    ),
  };
};

/** Modules that Debian has in packages of their own. */
const packages = new Set(
  "numpy pandas matplotlib scipy sympy requests PIL bs4 yaml pygame seaborn sklearn flask django networkx tkinter".split(
    " ",
  ),
);
const packageNames: Readonly<Record<string, string>> = { PIL: "pil", tkinter: "tk" };

const unknownModule: Explainer = ({ kind, subject, near }) => {
  if (kind !== "ModuleNotFoundError" || subject === undefined) return undefined;
  const top = subject.replace(/\..*/, "");
  const what = `Python finds no module that is called ${subject}.`;
  if (packages.has(top))
    return {
      what,
      why: [`${top} is not a part of Python itself, and it is not installed on this server.`],
      tries: [
        `Ask your teacher to install python3-${(packageNames[top] ?? top).toLowerCase()}.`,
        "pip install does not work here: programs have no network.",
      ],
    };
  return {
    what,
    why: near?.length ? [`Python has a module with a similar name: ${alternatives(near)}.`] : [],
    tries: sentences(
      when(near?.[0] !== undefined, `Did you mean import ${near?.[0]}?`),
      `If it is a file of yours, ${top}.py has to lie in the folder of this program; capitals count.`,
      "If it has to be installed, ask your teacher: programs have no network, so pip does not work here.",
    ),
  };
};

const unknownImport: Explainer = (facts) => {
  const [wanted, module] =
    said(facts, /^cannot import name '(.+?)' from (?:partially initialized module )?'(.+?)'/) ?? [];
  if (facts.kind !== "ImportError" || wanted === undefined) return undefined;
  const isCircle = /partially initialized|circular/.test(facts.message ?? "");
  return {
    what: `${module} has no ${wanted}${isCircle ? " yet" : ""}.`,
    why: sentences(
      when(isCircle, "Two files import each other: one of them is not finished when the other asks for its names."),
      facts.near?.length ? `It has ${alternatives(facts.near)}.` : undefined,
    ),
    tries: sentences(
      when(facts.near?.[0] !== undefined, `Did you mean from ${module} import ${facts.near?.[0]}?`),
      when(isCircle, "Move what both need into a third file, which both import."),
      `Is there a file ${module}.py of yours? Then that is imported instead: give it another name.`,
    ),
  };
};

/** The entries, each for the errors that it knows. */
export const nameErrors: readonly Explainer[] = [
  unboundLocal,
  unknownName,
  noneHas,
  unknownInModule,
  unknownAttribute,
  unknownModule,
  unknownImport,
];
