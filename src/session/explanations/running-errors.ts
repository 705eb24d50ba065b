/** What stops a program from outside or as a whole: files, input, recursion, the clock, memory, a person. */
import { counted } from "../../base/counted.ts";
import type { ErrorFacts, FactPart } from "../../runner/error-facts.ts";
import type { Outcome } from "../../runner/outcome.ts";
import { alternatives, said, sentences, when, type Explainer, type Explanation } from "./explanation.ts";

const missingFile: Explainer = (facts) => {
  const { kind, subject, folder, entries, near, count = 0, noFolder } = facts;
  if (kind !== "FileNotFoundError" || subject === undefined) return undefined;
  if (noFolder)
    return {
      what: `There is no folder ${folder ?? ""}, in which ${subject} would be.`,
      tries: [
        "Compare the spelling of the folders, capitals too.",
        "A program stands in the folder of its own file; paths without / at the start begin there.",
      ],
    };
  const more = entries && count > entries.length ? `, and ${count - entries.length} more` : "";
  return {
    what: `There is no file ${subject}.`,
    why: sentences(
      when(
        folder !== undefined,
        `Python looked in ${folder}${entries?.length ? `, where there are: ${entries.join(", ")}${more}.` : ", which is empty."}`,
      ),
    ),
    tries: sentences(
      when(near !== undefined && near.length > 0, `Did you mean ${alternatives(near)}? Capitals and the ending count.`),
      'Is the file in another folder? A program stands in the folder of its own file; name the other one: "data/scores.csv".',
      'A new file is made by open(name, "w").',
    ),
  };
};

const refusedFile: Explainer = ({ kind, subject = "" }) => {
  if (kind !== "PermissionError" && kind !== "OSError") return undefined;
  const isCourse = subject.startsWith("/course/");
  if (kind === "OSError" && !isCourse) return undefined;
  return {
    what: `This program may not write to ${subject === "" ? "that file" : subject}.`,
    why: isCourse ? ["The course's files are read-only."] : [],
    tries: [
      "Write into a file of your own: a name without a folder lies beside the program, or in your home.",
      "F10 copies a file of the course to your own files.",
    ],
  };
};

const folderAsFile: Explainer = ({ kind, subject }) => {
  if (kind === "IsADirectoryError")
    return {
      what: `${subject ?? "That"} is a folder, and can't be opened like a file.`,
      tries: ["Name a file in it: folder/file.txt", "os.listdir(folder) says what is in it."],
    };
  if (kind === "FileExistsError")
    return {
      what: `${subject ?? "It"} is there already.`,
      tries: [
        "Choose another name.",
        'open(name, "w") writes over a file, "x" refuses to.',
        "os.makedirs(name, exist_ok=True) does not mind a folder that is there.",
      ],
    };
  return undefined;
};

const noInput: Explainer = ({ kind }) => {
  if (kind !== "EOFError") return undefined;
  return {
    what: "input() wanted a line, but there was none left to read.",
    why: ["Ctrl-D ends the input. So does the end of a file or a pipe that the program reads from."],
    tries: [
      "Run it again with F5, and answer each question with a line and Enter.",
      "If the input may end, catch it: try: ... except EOFError:",
    ],
  };
};

const endlessRecursion: Explainer = (facts) => {
  if (facts.kind !== "RecursionError") return undefined;
  const { subject: name, count, calls } = facts;
  const grows = calls?.map(({ text, values }) => `${text} was ${values.join(", then ")}`).join("; ");
  return {
    what:
      name === undefined
        ? "A function called itself again and again."
        : `${name}() called itself again and again, ${count ?? "many"} times, and never came to an end.`,
    why: sentences(
      "A function that calls itself needs a case in which it does not: that one ends it.",
      when(grows, `In the first calls ${grows}.`),
    ),
    tries: sentences(
      `At the start of ${name ?? "the function"}: if ... is small enough: return a result, without another call.`,
      "Each call has to come nearer to that case: hand in something smaller.",
      name === "__init__" || name === "__str__" || name === "__repr__" || name === "__getattr__"
        ? `${name} is called by Python whenever it needs it: what is written inside must not need it again.`
        : undefined,
    ),
  };
};

/** A loop that somebody, or the clock, has stopped. */
const interrupted: Explainer = (facts) => {
  if (facts.kind !== "KeyboardInterrupt") return undefined;
  const { loop, names, always, source = "" } = facts;
  if (/\binput\(/.test(source))
    return {
      what: "The program was stopped while it waited for input.",
      tries: ["Run it again with F5, and answer in the console."],
    };
  if (/\bsleep\(/.test(source) && !loop)
    return { what: "The program was stopped while it slept.", tries: ["Shorten the time in sleep()."] };
  if (!loop)
    return {
      what: "The program was stopped while it worked at this line.",
      tries: ["If it takes too long here, try it with less data first."],
    };
  const isWhile = loop.text.startsWith("while");
  return {
    what: `The program was stopped in the loop of line ${loop.line}: ${loop.text}`,
    why: sentences(
      when(isWhile, always ? "while True goes on until a break, a return or an error ends it." : whyItGoesOn(names)),
    ),
    tries: isWhile
      ? sentences(
          when(always, "Is there a break in it, and does the program come there?"),
          when(
            !always && names?.length,
            `Does the loop change ${alternatives(names?.map(({ text }) => text ?? ""))}, in every round, towards the end?`,
          ),
          always
            ? "Is the line with break indented, so that it belongs to the loop?"
            : "Is the line that changes it indented, so that it belongs to the loop?",
          "print() in the loop shows what happens in each round.",
        )
      : [
          "Does it have more rounds than you thought? print() in the loop shows how far it is.",
          "Is something added to the list that the loop goes through? Then it has no end.",
        ],
  };
};

function whyItGoesOn(names: readonly FactPart[] | undefined): string | undefined {
  const values = names?.filter(({ value }) => value !== undefined).map(({ text, value }) => `${text} was ${value}`);
  return values?.length
    ? `When it was stopped, ${values.join(", ")}, and the condition may still have been true.`
    : undefined;
}

const memory: Explainer = ({ kind }) => {
  if (kind !== "MemoryError") return undefined;
  return outOfMemory;
};

const outOfMemory: Explanation = {
  what: "The program needed more memory than it may have.",
  why: ["Often a list or a text grows in a loop that does not end."],
  tries: [
    "Does the loop that adds to it come to an end?",
    "Work through a large file line by line: for line in file: instead of read().",
  ],
};

const exhausted: Explainer = ({ kind, source }) => {
  if (kind === "StopIteration")
    return {
      what: "next() was called, but there was nothing left.",
      tries: ["A for loop ends by itself.", "next(it, None) gives None instead."],
    };
  if (kind === "NotImplementedError")
    return {
      what: "This method is meant to be written by a class that builds on this one, and is not.",
      tries: sentences(`Write the method in the class whose object you use.${source ? "" : ""}`),
    };
  return undefined;
};

const generic: Explainer = (facts) => {
  if (facts.name === "Error" && facts.source?.includes("csv"))
    return {
      what: "The csv module can't read this.",
      why: sentences(when(facts.message, `It says: ${facts.message}`)),
      tries: ['Open the file as a text: open(name, newline="")', "csv.reader wants the open file, not its name."],
    };
  const [, text] = said(facts, /^(dictionary|Set|deque) (?:changed size|mutated) during iteration/) ?? [];
  if (
    facts.kind === "RuntimeError" &&
    (text !== undefined || /changed size during iteration/.test(facts.message ?? ""))
  )
    return {
      what: "Something was added or taken out while a loop went through it.",
      tries: [
        "Go through a copy: for key in list(the_dictionary):",
        "Or collect what is to be changed, and change it after the loop.",
      ],
    };
  return undefined;
};

/** The entries, each for the errors that it knows. */
export const runningErrors: readonly Explainer[] = [
  missingFile,
  refusedFile,
  folderAsFile,
  noInput,
  endlessRecursion,
  interrupted,
  memory,
  exhausted,
  generic,
];

/** How a run ended that no exception ended; undefined for what needs no explanation. */
export function outcomeExplanation(outcome: Outcome, facts: ErrorFacts | undefined): Explanation | undefined {
  switch (outcome.kind) {
    case "timed-out":
      return {
        ...(facts && interrupted(facts)),
        what: `The program ran for ${counted(outcome.seconds, "second")} without finishing, and was stopped.`,
        ...(facts ? {} : { why: ["Where it was can't be told: it did not end when it was asked to."] }),
        tries: (facts && interrupted(facts)?.tries) ?? [
          "Is there a loop that never ends? print() in it shows what happens.",
          "Try it with less data first.",
        ],
      };
    case "too-much-output":
      return {
        what: `The program printed more than ${outcome.mebibytes} MiB, and was stopped.`,
        why: ["Most often print() stands in a loop that does not end."],
        tries: (facts && interrupted(facts)?.tries) ?? [
          "Does the loop come to an end?",
          "Print less: every hundredth line, or a summary.",
        ],
      };
    case "out-of-memory":
      return outOfMemory;
    case "out-of-disk":
      return {
        what: "The program wrote more files, or larger ones, than you may have.",
        tries: ["Delete files that you don't need.", "Is there a loop that writes without end?"],
      };
    case "signalled":
      return outcome.signal === "SIGSEGV"
        ? {
            what: "Python itself broke down.",
            why: ["A recursion without end, with a raised recursion limit, is the most common reason."],
            tries: ["Leave out sys.setrecursionlimit, and see where it ends."],
          }
        : undefined;
    default:
      return undefined;
  }
}
