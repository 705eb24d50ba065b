/** The words of Python 3.11 that get a colour. */

/** Words that can't be names (keyword.kwlist). */
export const keywords: ReadonlySet<string> = new Set(
  (
    "False None True and as assert async await break class continue def del elif else except finally for from global if import in is " +
    "lambda nonlocal not or pass raise return try while with yield"
  ).split(" "),
);

/** Words that are keywords only at the start of a compound statement (keyword.softkwlist). */
export const softKeywords: ReadonlySet<string> = new Set(["match", "case"]);

/** Functions and types that need no import; names for the interpreter's own use are left out. */
export const builtins: ReadonlySet<string> = new Set(
  (
    "abs aiter all anext any ascii bin bool breakpoint bytearray bytes callable chr classmethod compile complex delattr dict dir divmod " +
    "enumerate eval exec exit filter float format frozenset getattr globals hasattr hash help hex id input int isinstance issubclass iter " +
    "len list locals map max memoryview min next object oct open ord pow print property quit range repr reversed round set setattr slice " +
    "sorted staticmethod str sum super tuple type vars zip __import__ __name__ __file__ __doc__ NotImplemented Ellipsis"
  ).split(" "),
);

/** What built-in exceptions are called. */
export const exceptionName =
  /^(?:[A-Z]\w*(?:Error|Warning|Exception)|BaseException|StopIteration|StopAsyncIteration|KeyboardInterrupt|SystemExit|GeneratorExit)$/;

/** Letters that may stand before a string's quote, in lower case. */
export const stringPrefixes: ReadonlySet<string> = new Set(["r", "u", "b", "f", "br", "rb", "fr", "rf"]);
