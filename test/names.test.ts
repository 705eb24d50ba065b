/** What all names in src keep to: an exported name means one thing, and constants have one spelling. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

const source = fileURLToPath(new URL("../src", import.meta.url));

/** Names that two files export, and why. */
const exportedTwice: Readonly<Record<string, string>> = {
  LineEnding: "the same two line ends, in a file and in a document: the editor imports nothing of workspace",
};

/** Constants that keep the spelling of Linux, or of ASCII. */
const spelledElsewhere = ["O_PATH", "ESC"];

const files = readdirSync(source, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .map((file) => ({ file, text: readFileSync(join(source, file), "utf8") }));

describe("names", () => {
  it("are exported by one file, those above excepted", () => {
    const declaration = /^export (?:async |abstract )*(?:function\*?|const|class|interface|type) (\w+)/gm;
    const byName = new Map<string, Set<string>>();
    for (const { file, text } of files)
      for (const [, name = ""] of text.matchAll(declaration)) {
        const known = byName.get(name) ?? new Set();
        byName.set(name, known.add(file));
      }
    const twice = [...byName].filter(([, where]) => where.size > 1).map(([name]) => name);
    assert.deepEqual(twice.toSorted(), Object.keys(exportedTwice).toSorted());
  });

  it("of files occur once", () => {
    const names = files.map(({ file }) => basename(file));
    assert.deepEqual(
      names.filter((name, index) => names.indexOf(name) !== index),
      [],
    );
  });

  it("of constants are in camel case, those of the system excepted", () => {
    const shouted = files.flatMap(({ text }) =>
      [...text.matchAll(/^(?:export )?const ([A-Z]\w*)/gm)].map(([, name = ""]) => name),
    );
    assert.deepEqual(
      [...new Set(shouted)].filter((name) => !/[a-z]/.test(name)).toSorted(),
      spelledElsewhere.toSorted(),
    );
  });
});
