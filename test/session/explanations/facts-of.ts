/** The facts of programs that fail, from a real Python without a jail: as error_facts.py tells them. */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseErrorFacts, type ErrorFacts } from "../../../src/runner/error-facts.ts";

const driver = `
import io, json, os, sys
sys.path.insert(0, sys.argv[1])
import error_facts
sys.path.pop(0)
for text in json.load(sys.stdin):
    with open("main.py", "w", encoding="utf-8") as file:
        file.write(text)
    sys.stdin, out, sys.stdout = io.StringIO(), sys.stdout, io.StringIO()
    told = None
    try:
        exec(compile(text, os.path.abspath("main.py"), "exec"), {"__name__": "__main__"})
    except BaseException as error:
        told = error_facts.told(error, error.__traceback__.tb_next)
    sys.stdout = out
    print(told, flush=True)
`;

/** Runs each program, and gives what is known of its error; undefined where it has none. */
export async function factsOf(programs: readonly string[]): Promise<readonly (ErrorFacts | undefined)[]> {
  const directory = await mkdtemp(join(tmpdir(), "classh-facts-"));
  try {
    const sources = fileURLToPath(new URL("../../../src/runner", import.meta.url));
    const printed = await new Promise<string>((resolve, reject) => {
      const words = ["-B", "-c", driver, sources];
      const child = execFile("/usr/bin/python3", words, { cwd: directory }, (error, stdout) =>
        error ? reject(error) : resolve(stdout),
      );
      child.stdin?.end(JSON.stringify(programs));
    });
    return printed.trimEnd().split("\n").map(parseErrorFacts);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
