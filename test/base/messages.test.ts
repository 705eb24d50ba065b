/** How messages are worded, everywhere in src/: a prefix comes before them on a command line, and a capital letter elsewhere. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { counted } from "../../src/base/counted.ts";
import { sentence } from "../../src/base/error-report.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

interface Message {
  readonly where: string;
  readonly text: string;
}

/** The message of each `new UserError(code, "message", ...)` that stands there as a literal. */
function messages(): readonly Message[] {
  return sources().flatMap(({ file, text }) =>
    [...text.matchAll(/new UserError\(\s*"[a-z-]+",\s*(?:"([^"]*)"|'([^']*)'|`((?:[^`\\]|\\.)*)`)/g)].map((match) => ({
      where: `${file}:${text.slice(0, match.index).split("\n").length}`,
      text: match[1] ?? match[2] ?? match[3] ?? "",
    })),
  );
}

function sources(): readonly { readonly file: string; readonly text: string }[] {
  const files = readdirSync(`${root}/src`, { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".ts"),
  );
  return files.map((file) => ({ file, text: readFileSync(`${root}/src/${file}`, "utf8") }));
}

/** Words that have a capital wherever they stand. */
const properNouns = /^([A-Z]{2}|Python\b|PostgreSQL\b|Node\.js\b)/;
/** What may begin a message although it is filled in: quoted names, and numbers of more than one thing. */
const isFilledIn = /^\$\{(?!JSON\.stringify\(|counted\(|max\b|maxViewers\b|problems\.length)/;

describe("messages to people", () => {
  it("are found", () => {
    assert.ok(messages().length > 150, String(messages().length));
  });

  it("begin in lower case and have no full stop", () => {
    const wrong = messages().filter(
      ({ text }) => (/^[A-Z]/.test(text) && !properNouns.test(text)) || text.endsWith("."),
    );
    assert.deepEqual(wrong, []);
  });

  it("never begin with the name of a file or a person, which a capital would change", () => {
    assert.deepEqual(
      messages().filter(({ text }) => isFilledIn.test(text)),
      [],
    );
  });

  it("are a sentence where there is no prefix, with what to do next", () => {
    assert.equal(
      sentence({ message: "there is no ada.py here", hint: "Look at the list of files." }),
      "There is no ada.py here. Look at the list of files.",
    );
    assert.equal(sentence({ message: "the disk is full", hint: undefined }), "The disk is full.");
  });
});

describe("a number with its noun", () => {
  it("agrees", () => {
    assert.deepEqual(
      [0, 1, 2, 50_000].map((number) => counted(number, "file")),
      ["0 files", "1 file", "2 files", "50,000 files"],
    );
    assert.deepEqual(
      [1, 2].map((number) => counted(number, "person", "people")),
      ["1 person", "2 people"],
    );
  });

  it("is written nowhere without regard to the number", () => {
    const careless =
      /\$\{[^}]*\} (seconds|minutes|hours|days|files|lines|bytes|people|accounts|students|entries|messages|programs|viewers|hands)\b/;
    // Settings and constants of more than one.
    const known =
      /\$\{(max|most|ms|beginMs|introductionSeconds|loginGraceSeconds|minimum|named|bounds|Math\.round\(ms)/;
    const found = sources().flatMap(({ file, text }) =>
      text
        .split("\n")
        .flatMap((line, at) =>
          careless.test(line) && !known.test(line) && !/new (Range)?Error\(/.test(line)
            ? [`${file}:${at + 1}: ${line.trim().slice(0, 140)}`]
            : [],
        ),
    );
    assert.deepEqual(found, []);
  });
});
