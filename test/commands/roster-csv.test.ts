import assert from "node:assert/strict";
import { UserError } from "../../src/base/errors.ts";
import { maxRosterRows, readRoster, writeRoster } from "../../src/commands/roster-csv.ts";

const read = (text: string) => readRoster(Buffer.from(text));

/** The people of a list that has no bad line, without what is not told about them. */
async function people(text: string): Promise<readonly object[]> {
  const { rows, problems } = await read(text);
  assert.deepEqual(problems, []);
  return rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).filter(
        ([name, value]) => name !== "number" && value !== undefined && (name !== "more" || row.more.length > 0),
      ),
    ),
  );
}

async function problems(text: string): Promise<readonly string[]> {
  return (await read(text)).problems.map(({ number, problem }) => `${number}: ${problem}`);
}

async function refusal(bytes: Buffer | string): Promise<string> {
  try {
    await readRoster(Buffer.from(bytes));
  } catch (error) {
    assert.ok(error instanceof UserError, String(error));
    assert.ok(["bad-roster", "too-large"].includes(error.code));
    return `${error.message}. ${error.hint ?? ""}`;
  }
  return "read";
}

const ada = { username: "ada", name: "Ada Lovelace", section: "A" };
const alan = { username: "alan", name: "Alan Turing", section: "B" };

describe("a list of accounts", () => {
  it("is read whichever program wrote it", async () => {
    const lists = {
      plain: 'username,name,section\nada,"Lovelace, Ada",A\nalan,Alan Turing,B\n',
      "byte order mark, CRLF": '\ufeffusername,name,section\r\nada,"Lovelace, Ada",A\r\nalan,Alan Turing,B\r\n',
      "semicolons, no last line end":
        '"username";"name";"section"\n"ada";"Lovelace, Ada";"A"\n"alan";"Alan Turing";"B"',
      tabs: "username\tname\tsection\nada\tLovelace, Ada\tA\nalan\tAlan Turing\tB\n",
      "other order and case, blanks": ' Section , NAME,User Name\nA , "Lovelace, Ada" , ada\nB,Alan Turing,alan\n',
      "blank lines and lines of empty cells":
        '\n\nusername,name,section\n\nada,"Lovelace, Ada",A\n  \n,,\nalan,Alan Turing,B\n,,\n\n',
      "mixed line ends": 'username,name,section\r\nada,"Lovelace, Ada",A\nalan,Alan Turing,B\r',
    };
    for (const [which, text] of Object.entries(lists)) assert.deepEqual(await people(text), [ada, alan], which);
  });

  it("keeps quotes in names, and reads roles and the sections of staff", async () => {
    assert.deepEqual(
      await people(
        'username,name,role,teaches\ngrace,"Grace ""Amazing"" Hopper",Professor,\ntia,Tia "T" A,ta,A | Monday 10am\n',
      ),
      [
        { username: "grace", name: 'Grace "Amazing" Hopper', role: "professor" },
        { username: "tia", name: 'Tia "T" A', role: "ta", teaches: ["A", "Monday 10am"] },
      ],
    );
  });

  it("names every bad line by its number, and reads the good ones", async () => {
    const text = [
      "username,name,email,role,section",
      "ada,Ada,ada@x.edu,student,A",
      "Ada 2,Big,a@x.edu,student,A",
      ",Nobody,,student,A",
      "bob,Bob,not an address,student,A",
      "",
      "cy,Cy,,dean,A",
      "dee,Dee,,student,A,too,much",
      "ada,Ada again,,student,A",
      "ada2,Ada the Second,,student,A",
      "eve,\u001b[31mred,,student,A",
      "fay,Fay,,stud",
    ].join("\n");
    const told = await problems(text);
    assert.deepEqual(
      told.map((line) => line.split(":")[0]),
      ["3", "4", "5", "7", "8", "9", "11", "12"],
    );
    assert.match(told[0] ?? "", /"ada 2" can't be a user name: only a to z/);
    assert.match(told[1] ?? "", /no username/);
    assert.match(told[2] ?? "", /not an email address/);
    assert.match(told[3] ?? "", /no role "dean"/);
    assert.match(told[4] ?? "", /7 cells, but the list has 5 columns/);
    assert.match(told[5] ?? "", /line 2 has ada already, with another name/);
    assert.match(told[7] ?? "", /4 cells.*is the list complete/, "a half line");
    assert.deepEqual(
      (await read(text)).rows.map(({ username }) => username),
      ["ada", "ada2"],
    );
  });

  it("that breaks off in quotes says so, and does not take the rest for one name", async () => {
    assert.deepEqual(await problems('username,name\nada,Ada\nbob,"Bo'), [
      '3: a quote (") is opened and never closed; is the list complete?',
    ]);
    const rest = Array.from({ length: 2000 }, (_, index) => `s${index},Some One\n`).join("");
    const { rows, problems: told } = await read(`username,name\nada,"Ada\n${rest}`);
    assert.equal(rows.length > 0 || told.length > 0, true);
    assert.match(told[0]?.problem ?? "", /quote/);
  });

  it("is refused as a whole when it is none", async () => {
    assert.match(await refusal(""), /is empty.*username,name,email/);
    assert.match(await refusal("\n \n"), /is empty/);
    assert.match(await refusal("name,section\nAda,A\n"), /no column with user names/);
    assert.deepEqual((await read("username,grade\nada,1\n")).ignored, ["grade"]);
    assert.match(await refusal("username,name,Name\nada,Ada,Ada\n"), /two columns called name/);
    assert.match(await refusal(Buffer.from("username,name\nada,A\u0000da\n")), /NUL bytes.*CSV UTF-8/);
    const wide = Buffer.from("\ufeffusername,name\nada,Ada\n", "utf16le");
    assert.equal((await readRoster(wide)).rows.length, 1);
    assert.match(await refusal(Buffer.concat([wide, Buffer.from([0x00, 0xd8])])), /not in UTF-16LE/);
    assert.match(
      (await readRoster(Buffer.from("username,name\nada,J\u00fcrgen\n", "latin1"))).note ?? "",
      /not in UTF-8.*Windows-1252/,
    );
    assert.match(await refusal(Buffer.alloc(10 * 2 ** 20 + 1, "x")), /larger than 10 MiB/);
    assert.match(await refusal("PK\u0003\u0004 a spreadsheet"), /a spreadsheet \(xlsx\).*CSV UTF-8/);
  });

  it("of 50,000 people is refused at the bound, and lets others have turns meanwhile", async () => {
    const line = (index: number): string => `u${index},Somebody Number ${index},u${index}@example.edu,student,A\n`;
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 1);
    try {
      const list = (length: number): string =>
        `username,name,email,role,section\n${Array.from({ length }, (_, index) => line(index)).join("")}`;
      assert.match(await refusal(list(50_000)), new RegExp(`more than ${maxRosterRows} people`));
      assert.ok(turns > 5, `${turns} turns`);
      assert.equal((await read(list(maxRosterRows))).rows.length, maxRosterRows);
    } finally {
      clearInterval(timer);
    }
  });

  it("that was written is read back as it was", async () => {
    const account = {
      id: 1,
      username: "tia",
      role: "ta",
      name: 'Tia "T", A; B',
      email: undefined,
      section: "A",
      sections: ["A", "B", "Monday 10am"],
      state: "active",
      store: "embedded",
      mustChangePassword: true,
      createdAt: new Date(0),
      lastLoginAt: undefined,
    } as const;
    const text = writeRoster([
      account,
      { ...account, username: "ada", role: "student", name: "", section: undefined, sections: [] },
    ]);
    assert.deepEqual(await people(text), [
      { username: "tia", name: 'Tia "T", A; B', role: "ta", section: "A", teaches: ["B", "Monday 10am"] },
      { username: "ada", role: "student" },
    ]);
  });
});
