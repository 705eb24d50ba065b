/** Where a program of the corpus ends otherwise than under a bare python3, and why that is so. */
import { exitStatusOf } from "../../src/runner/outcome.ts";
import type { End, Way } from "./corpus-runs.ts";

export interface KnownDifference {
  /** KIND/NAME. */
  readonly program: string;
  /** Both ways by default. */
  readonly way?: Way;
  readonly why: string;
  /** What is there instead of python3's. */
  readonly instead: (theirs: End) => Partial<End>;
}

const shadowed = `random.py in your folder is imported instead of Python's own module "random". Rename your file.`;

/** That a line of the program fails: on a terminal behind what was printed before. */
function failing({ printed, way }: End, line: number, text: string, error: string): Partial<End> {
  const told = [
    "Traceback (most recent call last):",
    `  File "/home/ada/work/main.py", line ${line}, in <module>`,
    `    ${text}`,
    error,
    "",
  ];
  return way === "terminal"
    ? { printed: printed + told.join("\r\n"), status: 1 }
    : { printed, errors: told.join("\n"), status: 1 };
}

export const differences: readonly KnownDifference[] = [
  {
    program: "errors/memory-error",
    way: "terminal",
    why: "a MemoryError is told as the limit of memory",
    instead: () => ({ status: exitStatusOf({ kind: "out-of-memory", mebibytes: 0 }) }),
  },
  {
    program: "files/extended-attributes",
    why: "they hold data that no file size shows (docs/system-calls.md)",
    instead: (theirs) =>
      failing(theirs, 6, 'os.setxattr("f", "user.note", b"x")', "OSError: [Errno 95] Operation not supported: 'f'"),
  },
  {
    program: "files/fifo",
    why: "whoever opens a named pipe waits, whichever tool that is (docs/system-calls.md)",
    instead: (theirs) => ({
      ...failing(
        { ...theirs, printed: "" },
        4,
        'os.mkfifo("pipe")',
        "PermissionError: [Errno 1] Operation not permitted",
      ),
      files: theirs.files.filter((line) => !line.startsWith("work/pipe")),
    }),
  },
  {
    program: "modules/shadows-standard",
    way: "terminal",
    why: "a sentence says which file is in the way",
    instead: ({ printed }) => ({ printed: `${printed}${shadowed}\r\n` }),
  },
  {
    program: "modules/shadows-standard",
    way: "pipes",
    why: "a sentence says which file is in the way",
    instead: ({ errors }) => ({ errors: `${errors}classh: ${shadowed}\n` }),
  },
  {
    program: "terminal/name",
    why: "the terminal is the machine's, which has no name in a jail",
    instead: (theirs) =>
      failing(
        { ...theirs, printed: theirs.printed.replace(/True\r\n$/, "") },
        6,
        'print(os.ttyname(0).startswith("/dev/"))\r\n          ^^^^^^^^^^^^^',
        "OSError: [Errno 19] No such device",
      ),
  },
  {
    program: "processes/signal-dispositions",
    way: "terminal",
    why: "Ctrl-Z and Ctrl-\\ stop nothing: there is no shell to go on from",
    instead: ({ printed }) => ({ printed: printed.replace("\r\n3 0", "\r\n3 1").replace("\r\n20 0", "\r\n20 1") }),
  },
  {
    program: "terminal/suspend-keys",
    why: "Ctrl-Z and Ctrl-\\ stop nothing: there is no shell to go on from",
    instead: () => ({ printed: "1 1\r\n" }),
  },
];
