/** Exports of course systems, in rosters/, with invented people: each is imported as it is. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { UserError } from "../../src/base/errors.ts";
import { readRoster, writePasswords, writeRoster, type ReadRoster } from "../../src/commands/roster-csv.ts";

interface Shape {
  readonly columns?: string;
  /** username, name, email, sections. */
  readonly people: readonly (readonly [string, string?, string?, string?])[];
  readonly ignored?: readonly string[];
  readonly passedOver?: readonly number[];
  readonly note?: RegExp;
}

const shapes: Readonly<Record<string, Shape>> = {
  "canvas.csv": {
    people: [
      ["alovelace", "Ada Lovelace", "", "CS101-A"],
      ["guido.r", "Guido van Rossum", "", "CS101-A CS101-B"],
      ["zoe.mueller", "Zoë Müller", "zoe.mueller@college.edu", "CS101-B"],
    ],
    ignored: ["ID", "SIS User ID", "Homework 1, loops (101)", "Current Score", "Final Grade"],
    passedOver: [2, 6],
  },
  "moodle-participants.csv": {
    people: [
      ["ada.lovelace", "Ada Lovelace", "ada.lovelace@college.edu", "Lab A Lecture"],
      ["zoe", "Zoë Müller", "zoe@college.edu", ""],
    ],
  },
  "moodle-grades.csv": {
    people: [
      ["1234567", "Ada Lovelace", "ada.lovelace@college.edu", ""],
      ["1234569", "Zoë Müller", "zoe@college.edu", ""],
    ],
    ignored: [
      "Institution",
      "Department",
      "Assignment: Loops (Real)",
      "Course total (Real)",
      "Last downloaded from this course",
    ],
  },
  "moodle-upload.csv": {
    people: [
      ["ada.lovelace", "Ada Lovelace", "ada@college.edu", "Lab A"],
      ["zoe", "Zoë Müller", "zoe@college.edu", "Lab B"],
    ],
    ignored: ["course1", "role1", "cohort1"],
  },
  "blackboard.xls": {
    people: [
      ["alovelace", "Ada Lovelace", "", ""],
      ["zmueller", "Zoë Müller", "", ""],
    ],
    ignored: ["Student ID", "Last Access", "Availability", "Homework 1 [Total Pts: 10 Score] |1234"],
    passedOver: [4],
  },
  "google-classroom.csv": {
    people: [
      ["ada.lovelace", "Ada Lovelace", "ada.lovelace@college.edu", ""],
      ["zoe", "Zoë Müller", "zoe@college.edu", ""],
    ],
    ignored: ["Loops", "Functions"],
    passedOver: [2, 3, 4],
  },
  "github-classroom.csv": {
    people: [
      ["ada.lovelace", "Ada Lovelace", "ada.lovelace@college.edu", ""],
      ["zoe", undefined, "zoe@college.edu", ""],
    ],
    ignored: ["github_username", "github_id"],
  },
  "submitty.csv": {
    people: [
      ["lovela", "Ada Lovelace", "ada@college.edu", "1"],
      ["muelle2", "Zoë Müller", "zoe@college.edu", "2"],
    ],
    ignored: ["Secondary Email", "UTC Offset / Time Zone", "Rotation Section", "Groups of Teams"],
  },
  "autolab.csv": {
    people: [
      ["ada.lovelace", "Ada Lovelace", "ada.lovelace@college.edu", "A"],
      ["zoe", "Zoë Müller", "zoe@college.edu", "B"],
    ],
    ignored: ["Semester", "School", "Major", "Year", "Grading Policy", "Courselecture"],
  },
  "autolab-without-header.csv": {
    columns: "-,email,lastname,firstname,-,-,-,-,-,section",
    people: [
      ["ada.lovelace", "Ada Lovelace", "ada.lovelace@college.edu", "A"],
      ["zoe", "Zoë Müller", "zoe@college.edu", "B"],
    ],
  },
  "excel-utf16.txt": {
    people: [
      ["ada", "Ada Lovelace", "", "A"],
      ["zoe", "Zoë Müller", "", "B"],
    ],
  },
  "excel-sep.csv": {
    people: [
      ["1234567", "Ada Lovelace", "ada@college.edu", "A"],
      ["1234569", "Zoë Müller", "zoe@college.edu", "B"],
    ],
    note: /Windows-1252/,
  },
};

const seen = ({ rows }: ReadRoster) =>
  rows.map(({ username, name, email, section, more }) => [
    username,
    name,
    email ?? "",
    [...(section === undefined ? [] : [section]), ...more].join(" "),
  ]);
const read = (text: string, columns?: string) => readRoster(Buffer.from(text), columns);

describe("a list as a course system writes it", () => {
  for (const [file, { columns, people, ignored = [], passedOver = [], note }] of Object.entries(shapes)) {
    it(`is read as it is: ${file}`, async () => {
      const list = await readRoster(readFileSync(fileURLToPath(new URL(`rosters/${file}`, import.meta.url))), columns);
      assert.deepEqual(list.problems, []);
      assert.deepEqual(seen(list), people);
      assert.deepEqual(list.ignored, ignored);
      assert.deepEqual(
        list.passedOver.map(({ number }) => number),
        passedOver,
      );
      if (note) assert.match(list.note ?? "", note);
      else assert.equal(list.note, undefined);
    });
  }

  it("has columns that --columns names, and lines without a header", async () => {
    assert.deepEqual(seen(await read('Kürzel,Wer,Was\nada,"Byron, Ada",A\n', "Kürzel=username,wer=name")), [
      ["ada", "Ada Byron", "", ""],
    ]);
    assert.deepEqual(seen(await read("login,name,group\nada,x,A\n", "name=-")), [["ada", undefined, "", "A"]]);
    assert.deepEqual(seen(await read("ada,whatever,Ada\nbob,whatever,Bob\n", "username,-,name")), [
      ["ada", "Ada", "", ""],
      ["bob", "Bob", "", ""],
    ]);
    const wrong = {
      "x=username": /no column "x"/,
      "a=b": /no column "b"/,
      "username,name=name": /must either name/,
      "username,username": /the meaning username twice/,
      name: /no column with user names/,
    };
    for (const [columns, problem] of Object.entries(wrong))
      await assert.rejects(
        read("a,name\nada,Ada\n", columns),
        (error) => error instanceof UserError && problem.test(error.message),
        columns,
      );
  });

  it("may name one person in several lines, once for each section, and not in two ways", async () => {
    assert.deepEqual(seen(await read("username,name,section\nada,Ada,A\nbob,Bob,A\nada,Ada,B\nada,,A\n")), [
      ["ada", "Ada", "", "A B"],
      ["bob", "Bob", "", "A"],
    ]);
    const { problems } = await read("username,name,section\nada,Ada,A\nada,Adam,B\n");
    assert.deepEqual(problems, [{ number: 3, problem: "line 2 has ada already, with another name" }]);
    assert.deepEqual(seen(await read('username,section\nada,A; B\nbob,Arts and Crafts\ncal,"Monday, 10am"\n')), [
      ["ada", undefined, "", "A B"],
      ["bob", undefined, "", "Arts and Crafts"],
      ["cal", undefined, "", "Monday, 10am"],
    ]);
  });

  it("may have account names of schools: numbers, dots, capitals, addresses; never a path or an option", async () => {
    const names = ["1234567", "Mary.Ann", "o_neil-2", "x@y.edu"].join("\n");
    assert.deepEqual(
      (await read(`login\n${names}\n`)).rows.map(({ username }) => username),
      ["1234567", "mary.ann", "o_neil-2", "x"],
    );
    const bad = [".", "..", ".ada", "ada.", "a..b", "-ada", "a/b", "../b", "ada b", "ädá", "a".repeat(33), "ada;rm"];
    assert.equal((await read(`login\n${bad.map((name) => `"${name}"`).join("\n")}\n`)).problems.length, bad.length);
  });

  it("never gets a formula from us, and what we wrote comes back as it was", async () => {
    const account = {
      id: 1,
      role: "student",
      email: undefined,
      section: undefined,
      sections: [],
      state: "active",
      store: "embedded",
      mustChangePassword: false,
      createdAt: new Date(0),
      lastLoginAt: undefined,
    } as const;
    const names = [
      '=HYPERLINK("http://x","y")',
      "+1",
      "-2+3",
      "@SUM(A1)",
      "'=1",
      "''@x",
      "O'Neil",
      "'quoted'",
      "＝1",
      "Byron, Ada",
      "a=b",
      "A; B, C and D",
    ];
    const text = writeRoster(names.map((name, index) => ({ ...account, username: `u${index}`, name })));
    for (const cell of text.split(/[\r\n,]/)) assert.doesNotMatch(cell, /^"?[=+\-@\t\r＝]/, cell);
    assert.deepEqual(
      (await read(text)).rows.map(({ name }) => name),
      names,
    );
    const section = { ...account, username: "ada", name: "Ada", section: "=A and B; C" };
    assert.deepEqual(seen(await read(writeRoster([section]))), [["ada", "Ada", "", "=A and B; C"]]);
    assert.doesNotMatch(writePasswords([{ account: section, password: "abc" }]), /,=/);
  });
});
