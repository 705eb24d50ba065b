import assert from "node:assert/strict";
import { checkNewPassword, generatePassword } from "../../src/auth/passwords.ts";
import { UserError } from "../../src/base/errors.ts";

const rules = { minimumLength: 10, username: "ada", name: "Ada Lovelace" };

function refusal(password: string, own: Partial<typeof rules> = {}): string {
  try {
    checkNewPassword(password, { ...rules, ...own });
  } catch (error) {
    assert.ok(error instanceof UserError);
    assert.equal(error.code, "bad-password");
    assert.ok(error.hint, "says what to do");
    return error.message;
  }
  return "accepted";
}

describe("password rules", () => {
  const accepted = [
    "plum ladder seven fog",
    "k7mp-x2wd-h4qz-9tbc",
    "canada-maple",
    "Grüße aus Köln",
    "x9$Lq!mw2K",
    "ada likes number 7",
  ];
  for (const password of accepted) {
    it(`accept ${password}`, () => assert.equal(refusal(password), "accepted"));
  }

  const refused: [string, RegExp][] = [
    ["short", /5 characters, and needs at least 10/],
    ["", /0 characters/],
    ["ada1234567890", /your name/],
    ["ADA-ada-1815", /your name/],
    ["lovelace1815", /your name/],
    ["Ada.Lovelace.12", /your name/],
    ["password123", /too easy to guess/],
    ["Password2024!", /too easy to guess/],
    ["1234567890", /too easy to guess/],
    ["qwertyuiop", /too easy to guess/],
    ["aaaaaaaaaaaaaa", /too easy to guess/],
    ["abcabcabcabc", /too easy to guess/],
    ["with\u0000a zero byte", /control character/],
    ["é".repeat(37), /74 bytes/],
    ["plum ladder fog ".repeat(5), /80 bytes/],
  ];
  for (const [password, why] of refused) {
    it(`refuse ${JSON.stringify(password)}`, () => assert.match(refusal(password), why));
  }

  it("accept exactly 72 bytes, as many as bcrypt looks at", () => {
    assert.equal(refusal("plum ladder seven fog ".repeat(4).slice(0, 72)), "accepted");
    assert.match(refusal("plum ladder seven fog ".repeat(4).slice(0, 73)), /73 bytes/);
  });

  it("count characters, not the bytes or the halves of an emoji", () => {
    assert.match(refusal("😀🙂😉😎🤓"), /5 characters/);
  });
});

describe("an initial password", () => {
  it("has no characters that look alike, and passes the rules", () => {
    for (let round = 0; round < 200; round += 1) {
      const password = generatePassword();
      assert.match(password, /^[a-hjkmnp-z2-9]{4}(-[a-hjkmnp-z2-9]{4}){3}$/);
      assert.equal(refusal(password), "accepted");
    }
  });

  it("is another one each time, and every letter of the alphabet occurs in every place", () => {
    const made = Array.from({ length: 2000 }, generatePassword);
    assert.equal(new Set(made).size, made.length);
    for (const place of [0, 8, 18]) assert.equal(new Set(made.map((password) => password[place])).size, 31);
  });
});
