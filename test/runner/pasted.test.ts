/** Texts pasted at the prompt do what they do in a file, and show their values, however they arrive. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";
import { pastedTexts, type PastedText } from "./pasted-texts.ts";
import { Lab, type Transcript } from "./support.ts";

/** What python3 prints for each text: as a file of which each statement is one of the prompt's. */
const reference = `
import ast, contextlib, io, json, sys, traceback
answers = []
for text in json.load(sys.stdin):
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        try:
            code = compile(ast.Interactive(ast.parse(text, "<stdin>").body), "<stdin>", "single")
            exec(code, {"__name__": "__main__"})
        except SyntaxError as error:
            traceback.print_exception(type(error), error, None)
        except Exception as error:
            traceback.print_exception(type(error), error, error.__traceback__.tb_next)
    answers.append(out.getvalue())
json.dump(answers, sys.stdout)
`;

function answersOf(texts: readonly string[]): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const child = execFile("/usr/bin/python3", ["-c", reference], (error, stdout) =>
      error ? reject(error) : resolve(JSON.parse(stdout) as string[]),
    );
    child.stdin?.end(JSON.stringify(texts));
  });
}

/** A few bytes at a time, as from a slow line. */
async function slowly(console: Transcript, text: string): Promise<void> {
  const bytes = Buffer.from(text);
  const size = Math.max(3, Math.ceil(bytes.length / 60));
  for (let at = 0; at < bytes.length;) {
    // A loaded machine may take its time between two packets: not where an empty line would be the end of a block.
    const end = bytes[at + size - 1] === 13 ? at + size + 1 : at + size;
    console.console.write(bytes.subarray(at, end));
    await pause(3);
    at = end;
  }
}

const ways: Readonly<Record<string, (console: Transcript, text: string) => void | Promise<void>>> = {
  "in brackets": (console, text) => console.console.write(`\x1b[200~${text}\r\x1b[201~\r`),
  "in brackets, slowly": (console, text) => slowly(console, `\x1b[200~${text}\r\x1b[201~\r`),
  plainly: (console, text) => console.console.write(`${text}\r\r`),
  "plainly, slowly": (console, text) => slowly(console, `${text}\r\r`),
};

describe("a text pasted at the prompt", () => {
  let lab: Lab;
  let console: Transcript;
  let answers: readonly string[];
  /** What was printed while statements ran, and how many did. */
  let printed = "";
  let statements = 0;
  before(async () => {
    lab = await Lab.open();
    console = lab.console();
    answers = await answersOf(pastedTexts.map(fileOf));
    console.console.onOutput((data) => {
      if (console.console.state === "running") printed += data.toString();
    });
    console.console.onState((state) => {
      if (state === "running") statements += 1;
    });
    await console.promptShown();
  });
  after(async () => {
    await console[Symbol.asyncDispose]();
    await lab[Symbol.asyncDispose]();
  });

  for (const [how, paste] of Object.entries(ways))
    for (const [index, each] of pastedTexts.entries())
      it(`does what it does in a file, ${how}: ${each.name}`, async () => {
        printed = "";
        statements = 0;
        await paste(console, each.text.replaceAll("\n", "\r"));
        const expected = answers[index] ?? "";
        const plain = (): string => printed.replaceAll(/\r(?=\n)|\x1b\[[\d;]*m/g, "");
        await console.until(
          "its end",
          () => statements > 0 && console.console.state === "prompt" && plain().length >= expected.length,
        );
        await console.promptShown();
        assert.equal(plain(), expected);
        if (how.startsWith("in brackets")) assert.equal(statements, 1);
      });
});

function fileOf({ text, file }: PastedText): string {
  return file ?? text;
}
