/** What people write and their programs print, shown to others and drawn for everybody by one thread. */
import assert from "node:assert/strict";
import { checkText } from "../../src/auth/account.ts";
import { messageText, readable } from "../../src/classroom/text.ts";
import { printable, table } from "../../src/commands/table.ts";
import { stringWidth } from "../../src/editor/width.ts";
import { checkNewName, shown } from "../../src/workspace/names.ts";
import { attack } from "./attack.ts";

/** One of each kind of character that leaves nothing on a screen, or a blank that is not the keyboard's. */
const unseen = {
  "soft hyphen": "\u00ad",
  "Hangul fillers": "\u115f\u1160\u3164\uffa0",
  "braille pattern without dots": "\u2800",
  "tags": "\u{e0001}\u{e0041}\u{e007f}",
  "variation selectors": "\ufe00\ufe0f\u{e0100}\u180b",
  "combining grapheme joiner": "\u034f",
  "Khmer inherent vowels": "\u17b4\u17b5",
  "Mongolian vowel separator": "\u180e",
  "zero width": "\u200b\u200c\u200d\u2060\ufeff",
  "direction of writing": "\u061c\u200e\u202a\u202e\u2066\u2069",
  "musical signs": "\u{1d173}\u{1d17a}",
  "shorthand controls": "\u{1bca0}\u{1bca3}",
  "reserved for more of these": "\u{e0fff}\u2065\ufff0",
};
const blanks = "\u00a0\u1680\u2000\u2007\u200a\u202f\u205f\u3000";

describe("attack: names that look alike or empty", () => {
  attack({ area: "output", attack: "names a file like another with characters that can't be seen", outcome: "each is spelt out wherever the name is shown; new files can't be called so" }, () => {
    for (const [kind, characters] of Object.entries({ ...unseen, blanks })) {
      for (const character of characters) {
        const name = `area${character}.py`;
        assert.notEqual(shown(name), name, kind);
        assert.match(shown(name), /^area\\[xu][0-9a-f{}]+\.py$/, kind);
        assert.throws(() => checkNewName(name), /can't be seen/, kind);
      }
    }
    for (const name of ["área.py", "日本 語.py", "ключ.py", "ملف.py", "नमस्ते.py", "🙂.py"]) assert.equal(shown(name), name);
  });

  attack({ area: "output", attack: "takes a display name, section or e-mail address that looks like somebody else's", outcome: "characters that can't be seen are refused in accounts" }, () => {
    for (const [kind, characters] of Object.entries(unseen)) {
      for (const character of characters) assert.throws(() => checkText("name", `Ada${character} Byron`, 100), /can't be shown/, kind);
    }
    for (const name of ["Ada Byron", "山田\u3000太郎", "Zoë Müller", "نور"]) checkText("name", name, 100);
  });

  attack({ area: "output", attack: "sends a message that looks empty, or hides text in it", outcome: "what can't be seen is left out; a message of nothing else is refused" }, () => {
    for (const [kind, characters] of Object.entries({ ...unseen, blanks })) {
      assert.throws(() => messageText(characters.repeat(3)), /empty/, kind);
      assert.equal(readable(`yes${characters}`), "yes", kind);
    }
    // What belongs to a language, or makes one emoji of several, stays.
    for (const text of ["❤️ 👩‍💻 1️⃣", "می‌خواهم", "क्‍ष"]) assert.equal(readable(text), text);
  });

  attack({ area: "output", attack: "puts such a name into a table of a command", outcome: "it is spelt out there, columns stay aligned" }, () => {
    const text = table(["FILE", "WHO"], [[`ar\u00adea\u{e0041}.py`, "ada"], ["x\u3164", "bob"]], "none");
    assert.match(text, /ar\\xadea\\u\{e0041\}\.py {2}ada/);
    const columns = text.trimEnd().split("\n").map((line) => stringWidth(line.slice(0, line.search(/WHO|ada|bob/))));
    assert.equal(new Set(columns).size, 1);
    assert.equal(printable("\u001b[2J\u0085"), "\ufffd[2J\ufffd");
  });
});
