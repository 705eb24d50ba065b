/** Compiles what is Python in a jail, once for all jails: compiling it took a tenth of each start. */
import { execFile } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

/** Our programs in a jail. */
export const programNames = [
  "runner",
  "enclosure",
  "ordinary_start",
  "outermost",
  "error_display",
  "missing_modules",
  "plots",
  "memory_reserve",
  "error_colors",
  "error_facts",
  "program_end",
  "prompt",
  "messages",
  "inquiry",
  "values",
  "copies",
  "variables",
] as const;
export type ProgramName = (typeof programNames)[number];

/** Folder of our programs in a jail. */
export const programFolder = "/classh";

/** Path of a compiled program in `directory`. */
export const compiledFile = (directory: string, name: ProgramName): string => join(directory, `${name}.pyc`);

/** Writes compiled files whose header (PEP 552) asks for no comparison with a source. The source's name stands in tracebacks. */
const compiler = `
import _frozen_importlib_external, marshal, sys
sources, directory, folder, *names = sys.argv[1:]
for name in names:
    with open(f"{sources}/{name}.py", "rb") as file:
        program = compile(file.read(), f"{folder}/{name}.py", "exec", dont_inherit=True, optimize=2)
    with open(f"{directory}/{name}.pyc", "wb") as file:
        file.write(_frozen_importlib_external.MAGIC_NUMBER + bytes(12) + marshal.dumps(program))
`;

/** Longest time that it may take, on a machine that is busy with other things. */
const maxCompileMs = 60_000;

/** Compiles the programs that lie in `sources` into `directory`, for this interpreter. Rejects when it can't be started, or does not end. */
export async function compilePrograms(python: string, sources: string, directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const run = promisify(execFile);
  const words = ["-I", "-S", "-c", compiler, sources, directory, programFolder, ...programNames];
  // Nothing of our environment, where a setting may be a secret.
  await run(python, words, { cwd: "/", env: {}, timeout: maxCompileMs, killSignal: "SIGKILL" });
}
