/** Mistakes in the text of a program, found before anything runs. What Python says is vague at times, so the line itself is looked at, too. */
import { invisibleSource } from "../../base/invisible.ts";
import type { ErrorFacts } from "../../runner/error-facts.ts";
import { said, sentences, when, type Explainer, type Explanation } from "./explanation.ts";

type Mistake = (facts: SyntaxFacts) => Explanation | undefined;

/** The facts of a mistake in the text. */
interface SyntaxFacts {
  readonly facts: ErrorFacts;
  readonly message: string;
  /** The line, and the one before that is not empty. */
  readonly source: string;
  readonly before: string;
  readonly line: number | undefined;
}

/** An entry for lines that look like this; Python has found a mistake in them already. */
function whereLine(pattern: RegExp, explanation: (match: readonly string[]) => Explanation): Mistake {
  return ({ source }) => {
    const found = pattern.exec(source);
    return found ? explanation(found) : undefined;
  };
}

/** An entry for what Python says. */
function whereSaid(
  pattern: RegExp,
  explanation: (groups: readonly string[], facts: SyntaxFacts) => Explanation,
): Mistake {
  return (all) => {
    const found = said(all.facts, pattern);
    return found ? explanation(found, all) : undefined;
  };
}

/** Letters that are easily taken for those that Python knows. */
const lookalikes: Readonly<Record<string, string>> = {
  "“": '"',
  "”": '"',
  "„": '"',
  "«": '"',
  "»": '"',
  "‘": "'",
  "’": "'",
  "‚": "'",
  "`": "'",
  "´": "'",
  "−": "-",
  "–": "-",
  "—": "-",
  "×": "*",
  "·": "*",
  "÷": "/",
  "≤": "<=",
  "≥": ">=",
  "≠": "!=",
  "→": "->",
  "，": ",",
  "；": ";",
  "：": ":",
  "（": "(",
  "）": ")",
  "…": "...",
};

/** Python takes some invisible characters for a part of the word before them. */
const hiddenLetter: Mistake = ({ source }) => {
  const [hidden] = new RegExp(invisibleSource, "u").exec(withoutTexts(source).replaceAll("\t", "")) ?? [];
  return hidden === undefined ? undefined : unseenLetter(hidden.codePointAt(0)?.toString(16).toUpperCase() ?? "");
};

const strangeLetter = whereSaid(
  /^invalid (?:non-printable )?character (?:'(.)' \()?U\+([0-9A-F]+)/u,
  ([letter, code = ""]) => {
    if (letter !== undefined && Object.hasOwn(lookalikes, letter))
      return {
        what: `Python does not know the character ${letter} (U+${code}).`,
        why: ["Word processors and web pages put such characters in place of the plain ones."],
        tries: [`Type ${lookalikes[letter]} instead of ${letter}, here and in the rest of the line.`],
        brief: `${letter} has to be ${lookalikes[letter]}`,
      };
    if (letter !== undefined)
      return {
        what: `Python does not know the character ${letter} (U+${code}) outside of a text.`,
        tries: ["Is it meant as a text? Then put it in quotes.", "Otherwise delete it."],
      };
    return unseenLetter(code);
  },
);

function unseenLetter(code: string): Explanation {
  const isBlank = /^(A0|00A0|20[0-9A-F]{2}|3000)$/.test(code) && !/^200[B-F]|^206/.test(code);
  return {
    what: `There is ${isBlank ? "a space that is not an ordinary space" : "a character that can't be seen"} in this line (U+${code.padStart(4, "0")}).`,
    why: ["It often comes along with text that is copied from a web page, a chat or a document."],
    tries: [
      "The cursor stands on it, or just before: delete it, and type an ordinary space if one belongs there.",
      "Where a whole piece was pasted, delete the spaces at the start of each line and press Tab instead.",
    ],
    brief: isBlank ? "there is a space in it that is not an ordinary one" : "there is an invisible character in it",
  };
}

/** A line without its texts and its comment. */
function withoutTexts(source: string): string {
  return source.replace(/(["']).*?\1|#.*$/g, "");
}

const notebookLine = whereLine(/^\s*([%!])\s*(\w+)/, ([, sign, word]) => ({
  what: `${sign}${word} is a command of notebooks (IPython, Jupyter, Colab), and not of Python itself.`,
  why: sentences(
    when(sign === "!", "There a line with ! goes to the system's shell."),
    when(sign === "%", "There a line with % sets something of the notebook."),
  ),
  tries: sentences(
    when(word === "pip", "Programs have no network here: ask your teacher to install what is missing."),
    when(word === "matplotlib", "Leave the line out: plt.show() works without it."),
    "Leave the line out.",
  ),
  brief: `${sign}${word} works in notebooks only`,
}));

const printStatement = whereSaid(/^Missing parentheses in call to '(print|exec)'/, ([word = "print"], { source }) => {
  const rest = /^\s*(?:print|exec)\s+(.*?)\s*$/.exec(source)?.[1];
  return {
    what: `${word} needs parentheses around what it shall ${word === "print" ? "print" : "run"}.`,
    why: ["Without them it was written in Python 2, which ended in 2020."],
    tries: [`Write ${word}(${rest ?? "..."})`],
    brief: `${word} needs parentheses`,
  };
});

const oldExcept: Mistake = ({ source, message }) => {
  const [, kind, name] = /^\s*except\s+([\w.]+)\s*,\s*(\w+)\s*:/.exec(source) ?? [];
  if (kind !== undefined && /parenthesized|invalid syntax/.test(message))
    return {
      what: "except is written as in Python 2.",
      tries: [`One error with a name: except ${kind} as ${name}:`, `Two kinds of error: except (${kind}, ${name}):`],
      brief: "it is written as in Python 2",
    };
  const [, error, text] = /^\s*raise\s+([\w.]+)\s*,\s*(.+?)\s*$/.exec(source) ?? [];
  return error === undefined
    ? undefined
    : {
        what: "raise is written as in Python 2.",
        tries: [`Write raise ${error}(${text})`],
        brief: "it is written as in Python 2",
      };
};

const promptCopied = whereLine(/^\s*(>>>|\.\.\.) /, ([, sign]) => ({
  what: `${sign} is what Python's prompt shows, and no part of the program.`,
  tries: [`Delete ${sign} at the start of each line, and the lines with results.`],
  brief: `${sign} does not belong to the program`,
}));

const mixedTabs: Mistake = ({ facts: { kind }, message }) =>
  kind === "TabError" || /inconsistent use of tabs/.test(message)
    ? {
        what: "Some lines of this block begin with tabs, others with spaces.",
        why: ["They look alike, but Python can't tell which lines are indented equally."],
        tries: [
          "Select the lines of the block, and press Shift-Tab, then Tab: now all begin with spaces.",
          "Here the Tab key makes four spaces. Tabs come with text from other editors.",
        ],
        brief: "tabs and spaces are mixed at its start",
      }
    : undefined;

const indentation: Mistake = ({ message, facts, before }) => {
  const [, header, line] = /^expected an indented block(?: after (.+?) on line (\d+))?/.exec(message) ?? [];
  if (message.startsWith("expected an indented block"))
    return {
      what: `What belongs to ${header ?? "the line before"}${line === undefined ? "" : ` in line ${line}`} has to be indented.`,
      why: ["Lines that belong to if, for, while, def or class begin with four spaces more than it."],
      tries: [
        "Put the cursor into this line and press Tab at its start.",
        "If nothing shall happen there, write pass.",
      ],
      brief: "it has to be indented",
    };
  if (message.startsWith("unexpected indent"))
    return {
      what: "This line begins with more spaces than the lines that it belongs with.",
      why: sentences(
        /:\s*(#.*)?$/.test(before) ? undefined : "Only after a line that ends with a colon may more spaces follow.",
      ),
      tries: ["Take away the spaces at its start (Shift-Tab), or give the lines above as many."],
      brief: "it begins with too many spaces",
    };
  if (message.startsWith("unindent does not match"))
    return {
      what: "This line begins with a number of spaces that no line above has.",
      why: ["A block ends when a line goes back to where its first line stands, exactly."],
      tries: ["Give it as many spaces as the line that it belongs with: steps of four are usual."],
      brief: "its spaces fit no line above",
    };
  return facts.kind === "IndentationError"
    ? {
        what: "The spaces at the start of this line are not right.",
        tries: ["Compare them with the lines above: steps of four are usual."],
      }
    : undefined;
};

const colon = whereSaid(/^expected ':'/, (_, { source }) => ({
  what: "A colon is missing.",
  why: ["A line with if, elif, else, for, while, def, class, try, except or with ends with a colon."],
  tries: sentences(
    when(/\s=\s/.test(source) && /^\s*(if|while|elif)\b/.test(source), "Is = meant to compare? That is ==."),
    `Write : at the end: ${source.trim().replace(/\s*(#.*)?$/, "")}:`,
  ),
  brief: "a colon is missing",
}));

const assignment: Mistake = ({ message, source }) => {
  if (
    /Maybe you meant '==' or ':=' instead of '='|Maybe you meant '==' instead of '='|perhaps you meant "=="/.test(
      message,
    )
  )
    return {
      what: "= gives a name a value. To compare, Python has ==.",
      tries: sentences(
        when(/^\s*(if|while|elif)\b/.test(source), `Write ${source.trim().replace(/([^=!<>])=([^=])/, "$1==$2")}`),
        when(/^\s*["'\d]/.test(source), "The name stands on the left: x = 5, and not 5 = x."),
        when(/^\s*\w+\s*-\s*\w+\s*=/.test(source), "A name can't have a minus in it: use _ instead."),
      ),
      brief: "to compare, use == instead of =",
    };
  const [target] = /^cannot (?:assign to|delete) (.+?)(?: here)?[.]?(?: |$)/.exec(message)?.slice(1) ?? [];
  if (target === undefined || !message.startsWith("cannot")) return undefined;
  return {
    what: `On the left of = there has to be a name, and not ${/^[aeiou]/.test(target) ? "an" : "a"} ${target}.`,
    tries: sentences(
      /^(True|False|None)$/.test(target)
        ? `${target} is a word of Python's own: take another name.`
        : "Is it meant the other way round? The name stands on the left: total = a + b",
    ),
  };
};

const names: Readonly<Record<string, string>> = {
  "(": "parenthesis",
  "[": "square bracket",
  "{": "curly bracket",
  ")": "parenthesis",
  "]": "square bracket",
  "}": "curly bracket",
};
const closers: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };

const brackets: Mistake = ({ message }) => {
  const [, open] = /^'([([{])' was never closed/.exec(message) ?? [];
  if (open !== undefined)
    return {
      what: `The ${names[open]} ${open} is opened here, and never closed.`,
      tries: [
        `Write ${closers[open]} where what belongs in it ends, often at the end of this line.`,
        "With the cursor on a bracket, the editor marks the one that belongs to it.",
      ],
      brief: `${open} is never closed`,
    };
  const [, extra] = /^unmatched '([)\]}])'/.exec(message) ?? [];
  if (extra !== undefined)
    return {
      what: `There is a ${extra} too many, or the one that opens it is missing.`,
      tries: ["Count the brackets of this line: each that opens needs one that closes."],
      brief: `${extra} is never opened`,
    };
  const [, closing, opening, line] =
    /^closing parenthesis '([)\]}])' does not match opening parenthesis '([([{])'(?: on line (\d+))?/.exec(message) ??
    [];
  return closing === undefined || opening === undefined
    ? undefined
    : {
        what: `${opening}${line === undefined ? "" : ` in line ${line}`} is closed with ${closing}.`,
        tries: [`Use ${closers[opening]} instead of ${closing}, or look for a bracket that is missing between them.`],
        brief: `${opening} is closed with ${closing}`,
      };
};

const texts: Mistake = ({ message, source }) => {
  if (/^unterminated triple-quoted|EOF while scanning triple/.test(message))
    return {
      what: "A text that begins with three quotes is never closed.",
      tries: ["Close it with the same three quotes."],
      brief: "the text in three quotes is never closed",
    };
  if (/^unterminated (f-)?string literal|EOL while scanning string/.test(message))
    return {
      what: "The text that begins here has no closing quote in this line.",
      tries: sentences(
        "Write the same quote at its end as at its start.",
        when(
          /'[^']*\w'\w/.test(source),
          "There is an apostrophe in it, which ends the text: put the whole text in double quotes.",
        ),
        when(
          /\\['"]\s*\)?\s*$/.test(source),
          "A \\ before the quote makes the quote a part of the text: write \\\\ for a \\.",
        ),
      ),
      brief: "the text has no closing quote",
    };
  if (/unicodeescape|bad escape/.test(message))
    return {
      what: "A \\ in a text begins a special character, and this one is none.",
      why: ["That happens with paths as Windows writes them."],
      tries: ['Use / instead of \\ in paths, or put an r before the text: r"C:\\Users"'],
      brief: "\\ in a text begins a special character",
    };
  if (message.startsWith("f-string"))
    return {
      what: `The f-string is not right: ${message.replace(/^f-string: ?/, "")}.`,
      tries: [
        "Inside { } there is an expression, and no quote of the kind that the text itself has.",
        "A curly bracket itself is written twice: {{ and }}.",
      ],
    };
  return undefined;
};

const outside = whereSaid(
  /^'(return|yield|await|break|continue)' (?:outside (.+)|not properly in loop)/,
  ([word = "", where]) => {
    const isLoop = word === "break" || word === "continue";
    return {
      what: `${word} only works inside a ${isLoop ? "loop" : where?.includes("async") ? "async function" : "function"}.`,
      why: sentences("Where a line belongs is told by the spaces at its start."),
      tries: sentences(
        isLoop
          ? "Indent it, so that it belongs to the for or the while above."
          : "Indent it, so that it belongs to the def above.",
        when(word === "return", "To end the program, use sys.exit(); to show a value, print()."),
      ),
      brief: `${word} stands outside of a ${isLoop ? "loop" : "function"}`,
    };
  },
);

const comma = whereSaid(/Perhaps you forgot a comma/, (_, { source }) => ({
  what: "Two things stand side by side with nothing between them.",
  tries: sentences(
    "Between the values of a call, a list or a dictionary there is a comma.",
    when(
      /["'][^"']*["']\s*\w|\w\s*["']/.test(source),
      "A text and a name are joined with a + or a comma, or in an f-string.",
    ),
    "Is a sign such as * missing? 2x is written 2 * x.",
  ),
  brief: "perhaps a comma is missing",
}));

const badNumber: Mistake = ({ message, source }) => {
  if (/^invalid decimal literal|^invalid (hexa|octal|binary)/.test(message)) {
    const [, name] = /\b(\d+[A-Za-z_]\w*)/.exec(source) ?? [];
    return {
      what: `${name ?? "Something here"} begins with a digit, and is no number.`,
      tries: ["Names begin with a letter: player2 instead of 2player.", "For a multiplication write the sign: 2 * x."],
      brief: "names can't begin with a digit",
    };
  }
  if (message.startsWith("leading zeros"))
    return {
      what: "A number can't begin with 0.",
      tries: ["Leave out the zeros at its start; for a text such as a telephone number use quotes."],
      brief: "a number can't begin with 0",
    };
  return undefined;
};

const keywords =
  "False None True and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield".split(
    " ",
  );

const keywordAsName = whereLine(new RegExp(`^\\s*(${keywords.join("|")})\\s*=(?!=)`), ([, word]) => ({
  what: `${word} is a word of Python's own, and can't be a name.`,
  tries: [`Take another name, for example ${word}_ or my_${word}.`],
  brief: `${word} can't be a name`,
}));

const increment = whereLine(/\b(\w+)\s*(\+\+|--)\s*(?:$|[;)#])/, ([, name, sign = "++"]) => ({
  what: `Python has no ${sign}.`,
  tries: [`Write ${name} ${sign[0]}= 1`],
  brief: `Python has no ${sign}`,
}));

const elseIf = whereLine(/^(\s*)(else\s+if|elseif|elsif|elif\s+if)\b(.*)/, ([, , word = "else if"]) => ({
  what: `Python's word for ${word.replace(/\s+/, " ")} is elif.`,
  tries: [`Write elif instead of ${word.replace(/\s+/, " ")}.`],
  brief: `Python's word is elif`,
}));

const signs: readonly (readonly [pattern: RegExp, sign: string, instead: string])[] = [
  [/&&/, "&&", "and"],
  [/\|\|/, "||", "or"],
  [/(?:^|[\s(])!(?=\s*[\w(])/, "!", "not"],
  [/=>/, "=>", ">="],
  [/=</, "=<", "<="],
  [/<>/, "<>", "!="],
  [/===/, "===", "=="],
];

const otherSigns: Mistake = ({ source }) => {
  const bare = withoutTexts(source);
  const [, sign, instead] = signs.find(([pattern]) => pattern.test(bare)) ?? [];
  return sign === undefined
    ? undefined
    : {
        what: `Python has no ${sign}. It is written ${instead}.`,
        tries: [`Write ${instead} instead of ${sign}.`],
        brief: `${sign} is written ${instead} in Python`,
      };
};

const otherLanguage: Mistake = ({ source }) => {
  const [, word] =
    /^\s*(function|var|let|const|int|float|double|string|String|void|public|private|switch|foreach|do|then|end|begin)\s+[\w{(]/.exec(
      source,
    ) ?? [];
  if (word !== undefined && !/=\s*=/.test(source)) {
    const instead =
      word === "function"
        ? "def name():"
        : word === "switch"
          ? "if and elif, or match"
          : word === "foreach"
            ? "for item in items:"
            : "name = value, without a type or word before it";
    return { what: `${word} is a word of another language.`, tries: [`Python has ${instead}.`] };
  }
  return /\{\s*$/.test(source) && /^\s*(if|for|while|def|else|elif)\b/.test(source)
    ? {
        what: "Python has no { } around blocks.",
        tries: ["Write : at the end of the line, and indent the lines that belong to it."],
        brief: "a block begins with a colon, and not with {",
      }
    : undefined;
};

/** Words of Python's own, and what they become by haste or on a telephone. */
const misspelledWords: ReadonlyMap<string, string> = new Map(
  Object.entries({
    while: "whlie wile whiel whille While",
    for: "fro fo foor For",
    from: "form frm From",
    else: "esle els eles Else",
    elif: "elseif elfi elsif Elif",
    return: "retrun retun reutrn retur Return",
    import: "imprt improt inport Import",
    class: "clas calss Class",
    if: "fi iff If",
    def: "deff dfe define Def",
    break: "breka brake Break",
    continue: "contine contiune Continue",
    try: "Try",
    with: "wiht With",
  }).flatMap(([meant, words]) => words.split(" ").map((word) => [word, meant] as const)),
);

const misspelled: Mistake = ({ source }) => {
  const word = /^\s*([A-Za-z_]+)\b/.exec(source)?.[1] ?? "";
  const meant = misspelledWords.get(word);
  return meant === undefined
    ? undefined
    : {
        what: `${word} looks like ${meant}.`,
        tries: [`Write ${meant} instead of ${word}; capitals count.`],
        brief: `${word} looks like ${meant}`,
      };
};

const parameters: Mistake = ({ message }) => {
  if (/non-default argument follows default|parameter without a default follows/.test(message))
    return {
      what: "Parameters with a value of their own come last.",
      tries: ["Move those without = to the front: def f(a, b=1):"],
      brief: "parameters with = come last",
    };
  if (/positional argument follows keyword/.test(message))
    return {
      what: "Values with a name come last in a call.",
      tries: ["Move those without = to the front: f(1, b=2)"],
      brief: "values with = come last",
    };
  const [, name] = /^duplicate argument '(.+?)'/.exec(message) ?? [];
  if (name !== undefined)
    return { what: `Two parameters are called ${name}.`, tries: ["Give one of them another name."] };
  const [, global] = /^name '(.+?)' is (?:assigned to|used prior to|parameter and)/.exec(message) ?? [];
  if (global !== undefined)
    return {
      what: `global ${global} comes too late, or ${global} is a parameter.`,
      tries: ["global stands at the top of the function, before the name is used; a parameter can't be global."],
    };
  return undefined;
};

const ending: Mistake = ({ message }) => {
  if (/unexpected EOF|was expected|expected 'except' or 'finally'/.test(message))
    return /except/.test(message)
      ? {
          what: "A try needs an except or a finally.",
          tries: ["Write except ValueError: (or another error) below the block of try, indented like try."],
          brief: "try needs an except",
        }
      : {
          what: "The text ends before something is complete.",
          tries: ["Look for a bracket that is not closed, or a block without lines."],
        };
  if (/line continuation character/.test(message))
    return {
      what: "After \\ the line has to end.",
      tries: ["\\ is not the sign to divide by: that is /.", "In a text it stands inside of the quotes."],
      brief: "\\ is not the sign to divide by",
    };
  if (/null bytes|Non-UTF-8|invalid or missing encoding/.test(message))
    return {
      what: "The file is not a plain text in UTF-8.",
      tries: ["Open it here and save it again, or make a new file and paste the text."],
    };
  return undefined;
};

const missingBefore: Mistake = ({ message, before, line }) => {
  if (message !== "invalid syntax" || !/[([{,]\s*$/.test(before) || line === undefined) return undefined;
  return {
    what: "Python can't go on here: the line above may not be complete.",
    tries: ["Look at the end of the line above: is a bracket, or what follows a comma, missing?"],
  };
};

const otherwise: Mistake = ({ message }) => ({
  what:
    message === "invalid syntax" ? "Python does not understand this line from here on." : `Python says: ${message}.`,
  tries: [
    "Look at the place that is marked, and just before it: a sign may be missing, or one too many.",
    "Is a bracket, a quote or a comma missing in the line above?",
    "Are all words of Python's own spelled right?",
  ],
});

/** The most special first. */
const mistakes: readonly Mistake[] = [
  strangeLetter,
  hiddenLetter,
  promptCopied,
  notebookLine,
  printStatement,
  oldExcept,
  mixedTabs,
  indentation,
  elseIf,
  keywordAsName,
  increment,
  colon,
  brackets,
  texts,
  outside,
  otherSigns,
  misspelled,
  otherLanguage,
  assignment,
  comma,
  badNumber,
  parameters,
  ending,
  missingBefore,
  otherwise,
];

const kinds = new Set(["SyntaxError", "IndentationError", "TabError"]);

const mistake: Explainer = (facts) => {
  if (!kinds.has(facts.kind) || facts.function !== undefined) return undefined;
  const { message = "", source = "", before = "", line } = facts;
  const all = { facts, message, source, before, line };
  for (const each of mistakes) {
    const found = each(all);
    if (found) return found;
  }
  return undefined;
};

/** The entries, each for the errors that it knows. */
export const syntaxErrors: readonly Explainer[] = [mistake];
