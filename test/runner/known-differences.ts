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

export const differences: readonly KnownDifference[] = [
  {
    program: "errors/memory-error",
    way: "terminal",
    why: "a MemoryError is told as the limit of memory",
    instead: () => ({ status: exitStatusOf({ kind: "out-of-memory", mebibytes: 0 }) }),
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
];
