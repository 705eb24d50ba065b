/**
 * The programs in test/programs, by kind: `KIND/NAME.py`, or `KIND/NAME/main.py` with what lies beside it. `KIND/NAME.json` has what there is to say
 * about how one is started (`CorpusOptions`).
 */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { cp, copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The python3 whose word is taken: the one that jails have, by default. */
export const barePython = "/usr/bin/python3";

const folder = fileURLToPath(new URL("../programs/", import.meta.url));

/** How a program is started, and what is compared. */
export interface CorpusOptions {
  readonly args?: readonly string[];
  /** What is typed: each text once the other was printed since the last, `\n` for Enter. Without a terminal all of it is the input, up to Ctrl-D. */
  readonly typed?: readonly (readonly [shown: string, text: string])[];
  /** The first version of Python that can run it, "3.11". */
  readonly python?: string;
  /** Set when it makes no sense without a terminal, or on one. */
  readonly only?: "terminal" | "pipes";
  /** Python that prints what is in the files it left, where their bytes differ from run to run. */
  readonly look?: string;
  /** A line that is typed at the prompt after F5, and a regular expression for what is shown then. */
  readonly prompt?: readonly [line: string, shown: string];
}

export interface CorpusProgram extends CorpusOptions {
  /** KIND/NAME. */
  readonly name: string;
  readonly kind: string;
  /** The file or folder in the repository. */
  readonly source: string;
}

/** All programs, in the order of their names. */
export function corpus(): CorpusProgram[] {
  return readdirSync(folder)
    .toSorted()
    .flatMap((kind) => programsOf(kind));
}

function programsOf(kind: string): CorpusProgram[] {
  return readdirSync(join(folder, kind), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() || entry.name.endsWith(".py"))
    .map((entry) => {
      const name = `${kind}/${entry.name.replace(/\.py$/, "")}`;
      return { ...optionsOf(join(folder, `${name}.json`)), name, kind, source: join(folder, kind, entry.name) };
    })
    .toSorted((one, other) => (one.name < other.name ? -1 : 1));
}

function optionsOf(file: string): CorpusOptions {
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as CorpusOptions) : {};
}

/** Copies a program to where it runs: it is `main.py` there. */
export async function copyProgram({ source }: CorpusProgram, target: string): Promise<void> {
  await mkdir(target, { recursive: true });
  if (source.endsWith(".py")) await copyFile(source, join(target, "main.py"));
  else await cp(source, target, { recursive: true });
}

/** What a program on pipes reads. */
export function inputOf({ typed = [] }: CorpusOptions): string {
  return typed
    .map(([, text]) => text)
    .join("")
    .replace(/\x04[^]*$/, "");
}
