/** What strangers put into lists, names and messages. */
import assert from "node:assert/strict";
import { join, normalize } from "node:path";
import { checkNewAccount, isUsername } from "../../src/auth/account.ts";
import { addressed } from "../../src/auth/person-name.ts";
import { messageText } from "../../src/classroom/message-text.ts";
import { readRoster, writePasswords, writeRoster } from "../../src/commands/roster-csv.ts";
import { isAccountName } from "../../src/workspace/access.ts";
import { attack } from "./attack.ts";

const account = {
  id: 1,
  username: "eve",
  role: "student",
  name: "",
  email: undefined,
  section: undefined,
  sections: [],
  state: "active",
  store: "embedded",
  mustChangePassword: false,
  createdAt: new Date(0),
  lastLoginAt: undefined,
} as const;

describe("attacks on rosters", () => {
  attack(
    {
      area: "output",
      attack: "has a name, an e-mail address or a section that a spreadsheet runs as a formula",
      outcome: "the cell begins with an apostrophe in every CSV, and comes back as it was",
    },
    async () => {
      for (const formula of ["=cmd('calc')", "+1+1", "-1", "@SUM(1)", "＝1+1", "'=1"]) {
        const text = writeRoster([{ ...account, name: formula, section: formula }]);
        assert.doesNotMatch(
          text + writePasswords([{ account: { ...account, name: formula }, password: "x" }]),
          /(^|,)"?[=+\-@＝]/m,
          formula,
        );
        assert.deepEqual(
          (await readRoster(Buffer.from(text))).rows.map(({ name, section }) => [name, section]),
          [[formula, formula]],
        );
      }
    },
  );

  attack(
    {
      area: "files",
      attack: "has an account name that is a path, a hidden file, an option or a drive",
      outcome: "is refused; every name that is allowed is one folder of that name",
    },
    async () => {
      const names = [
        ".",
        "..",
        "...",
        "a..b",
        "a.",
        ".ssh",
        "-rf",
        "a/b",
        "..\\b",
        "a\0b",
        "~",
        "c:",
        "a b",
        "a\nb",
        "$(id)",
        "%2e%2e",
        "ａ",
        "a\u0307",
        "",
        "a".repeat(33),
      ];
      for (const name of names) {
        assert.ok(!isUsername(name) && !isAccountName(name), JSON.stringify(name));
        assert.throws(() => checkNewAccount({ username: name, role: "student" }), JSON.stringify(name));
      }
      for (const name of ["0", "1234567", "mary.ann", "a.b.c", "a-_.9"]) {
        assert.ok(isUsername(name) && isAccountName(name), name);
        assert.equal(normalize(join("/data", name)), `/data/${name}`);
      }
    },
  );

  attack(
    {
      area: "permissions",
      attack: "is two people in one list: another's user name in capitals, or as an e-mail address",
      outcome: "the list is refused with both lines named; nobody's account becomes somebody else's",
    },
    async () => {
      const { rows, problems } = await readRoster(
        Buffer.from("login,name,email\nada,Ada,ada@a.edu\nADA,Eve,eve@b.edu\nada@b.edu,Mallory,\n"),
      );
      assert.deepEqual(
        rows.map(({ username, name }) => [username, name]),
        [["ada", "Ada"]],
      );
      assert.deepEqual(
        problems.map(({ number }) => number),
        [3, 4],
      );
    },
  );

  attack(
    {
      area: "output",
      attack: "puts escape sequences, a thousand lines or a forged second message into one message",
      outcome: "only line ends and blanks stay; at most 100 lines and 2,000 characters",
    },
    () => {
      assert.equal(messageText("a\x1b[2J\r\n\x1b]0;x\x07b\x9b1m"), "a[2J\n]0;xb1m");
      assert.throws(() => messageText("\n.".repeat(1000)), /the limit is 100 lines/);
      assert.throws(() => messageText("x".repeat(100_000)), /the limit is 2000 characters/);
      assert.equal(messageText("a\n\n\n\n\n\nProf: b"), "a\n\nProf: b");
    },
  );

  attack(
    {
      area: "faults",
      attack: "has a name of thousands of commas, titles or brackets, to keep the server busy with it",
      outcome: "is parsed at once, in steps proportional to its length",
    },
    () => {
      for (const part of [", ", "Dr. ", "(", "van ", "a,b,"])
        assert.equal(typeof addressed({ username: "x", role: "professor", name: part.repeat(5000) }), "string", part);
    },
  );
});
