/** docs/operations.md names only what there is: commands with their options, settings, files of the repository. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { commands } from "../../src/commands/command-registry.ts";
import { splitWords } from "../../src/commands/words.ts";
import { defaultSettingsFile, leaves } from "../../src/config/load.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const page = readFileSync(join(root, "docs/operations.md"), "utf8");
const paragraphs = page.split("\n");
const code = paragraphs.filter((line) => /^ {4,}\S/.test(line)).map((line) => line.replace(/\s+# .*$/, "").trim());
const inline = [...page.matchAll(/`([^`\n]+)`/g)].map(([, text]) => text ?? "");
/** Options of bin/classh itself, each with a value. */
const own = new Set(["--data", "--as", "--config"]);
const offline = new Set(["health"]);

/** Command lines for classh on the page: behind bin/classh, `classh` or ssh, or by themselves between backticks. */
function commandLines(): readonly string[] {
  const nouns = new Set(commands.map(({ name }) => name.split(" ")[0] ?? ""));
  const behind = code.flatMap((line) =>
    line.split(/; | (?:\|\|?|&&) /).flatMap((part) => {
      const local = /^\s*(?:bin\/)?classh\s+(.*)$/.exec(part)?.[1];
      const afar = /^\s*ssh (?:-t )?-p PORT \S+ ("?)(.*?)\1(?:\s*>.*)?$/.exec(part)?.[2];
      return local ?? afar ?? [];
    }),
  );
  // What the log says begins like a command here and there: "metrics can't be served".
  const named = inline
    .map((text) => text.replace(/^classh /, ""))
    .filter((text) => nouns.has(text.split(" ")[0] ?? "") && text.includes(" ") && !/'|--import/.test(text));
  return [...behind, ...named];
}

/** What is wrong with a line; undefined when there is such a command. */
function problem(line: string): string | undefined {
  const words = splitWords(line.replace(/\s[<>].*$/, ""));
  while (own.has(words[0] ?? "")) words.splice(0, 2);
  if (offline.has(words[0] ?? "")) return undefined;
  const command = commands.find(({ name }) => name === words.slice(0, name.split(" ").length).join(" "));
  if (!command) return `no command: ${line}`;
  const options = { ...command.options, ...(command.json ? { json: {} } : {}), identity: {} };
  const unknown = words
    .filter((word) => word.startsWith("--"))
    .find((word) => !((word.slice(2).split("=")[0] ?? "") in options));
  return unknown === undefined ? undefined : `no option ${unknown}: ${line}`;
}

describe("docs/operations.md", () => {
  it("names commands that exist, with options that they have", () => {
    const lines = commandLines();
    assert.ok(lines.length > 40, `${lines.length}`);
    assert.deepEqual(
      lines.flatMap((line) => problem(line) ?? []),
      [],
    );
  });

  it("names a command that does not exist, and an option that it does not have, if it did", () => {
    assert.match(problem("--data /srv/classh backup purge") ?? "", /^no command/);
    assert.match(problem("backup prune --now") ?? "", /^no option --now/);
  });

  it("names settings that exist", () => {
    const known = [...leaves(parse(readFileSync(defaultSettingsFile, "utf8")) as Parameters<typeof leaves>[0]).keys()];
    const sections = new Set(known.map((name) => name.split(".")[0] ?? ""));
    const named = inline.filter(
      (text) => /^[a-z]\w*(\.[a-z]\w*)+$/.test(text) && sections.has(text.split(".")[0] ?? ""),
    );
    assert.ok(named.length > 5);
    assert.deepEqual(
      named.filter((name) => !known.some((each) => each === name || each.startsWith(`${name}.`))),
      [],
    );
  });

  it("names files of the repository that are there, and headings that are there", () => {
    const files = page.match(/(?<![\w/.-])(bin|deploy|test|docs|scripts)\/[\w./-]*\w/g) ?? [];
    assert.deepEqual(
      files.filter((file) => !existsSync(join(root, file))),
      [],
    );
    const headings = new Set(
      [...page.matchAll(/^#+ (.*)$/gm)].map(([, text]) =>
        (text ?? "")
          .toLowerCase()
          .replaceAll(/[^\w -]/g, "")
          .replaceAll(" ", "-"),
      ),
    );
    const linked = [...page.matchAll(/\]\(#([\w-]+)\)/g)].map(([, name]) => name ?? "");
    assert.deepEqual(
      linked.filter((name) => !headings.has(name)),
      [],
    );
    for (const [, file] of page.matchAll(/\]\(([\w-]+\.md)/g))
      assert.ok(existsSync(join(root, "docs", file ?? "")), file);
  });
});
