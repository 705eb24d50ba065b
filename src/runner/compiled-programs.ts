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
  "plots",
  "memory_reserve",
  "program_end",
  "prompt",
  "messages",
  "inquiry",
  "values",
  "copies",
  "variables",
  "error_colors",
  "error_facts",
  "shadowed_modules",
  "missing_modules",
  "line_editor",
  "line_display",
  "terminal_keys",
  "statements",
  "completion",
  "stepper",
] as const;
export type ProgramName = (typeof programNames)[number];

/** Those that only errors need. They are packed, since each jail has a copy in its memory. */
const packed: ReadonlySet<ProgramName> = new Set([
  "error_colors",
  "error_facts",
  "shadowed_modules",
  "missing_modules",
]);

/** Folder of our programs in a jail. */
export const programFolder = "/classh";

/** Path of a compiled program in `directory`. */
export const compiledFile = (directory: string, name: ProgramName): string =>
  join(directory, `${name}.${packed.has(name) ? "packed" : "pyc"}`);

/** Writes compiled files whose header (PEP 552) asks for no comparison with a source. The source's name stands in tracebacks. */
const compiler = `
import _frozen_importlib_external, marshal, sys, zlib
sources, directory, folder, *names = sys.argv[1:]
for name in names:
    name, _, packed = name.partition(".")
    with open(f"{sources}/{name}.py", "rb") as file:
        program = compile(file.read(), f"{folder}/{name}.py", "exec", dont_inherit=True, optimize=2)
    if packed:
        with open(f"{directory}/{name}.packed", "wb") as file:
            file.write(zlib.compress(marshal.dumps(program), 9))
    else:
        with open(f"{directory}/{name}.pyc", "wb") as file:
            file.write(_frozen_importlib_external.MAGIC_NUMBER + bytes(12) + marshal.dumps(program))
`;

/** Longest time that it may take, on a machine that is busy with other things. */
const maxCompileMs = 60_000;

/** Compiles the programs that lie in `sources` into `directory`, for this interpreter. Rejects when it can't be started, or does not end. */
export async function compilePrograms(python: string, sources: string, directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const run = promisify(execFile);
  const names = programNames.map((name) => (packed.has(name) ? `${name}.packed` : name));
  // Without the columns of each instruction, which no traceback of ours needs.
  const words = ["-I", "-S", "-X", "no_debug_ranges", "-c", compiler, sources, directory, programFolder, ...names];
  // Nothing of our environment, where a setting may be a secret.
  await run(python, words, { cwd: "/", env: {}, timeout: maxCompileMs, killSignal: "SIGKILL" });
}
