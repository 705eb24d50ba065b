import assert from "node:assert/strict";
import * as fc from "fast-check";
import { InputDecoder } from "../../../src/terminal/input/decoder.ts";
import type { InputEvent } from "../../../src/terminal/input/event.ts";
import { keyBytes } from "../../support/keys.ts";
import { ManualClock } from "../../tui/manual-clock.ts";

interface Ear extends Disposable {
  readonly events: InputEvent[];
  readonly replies: string[];
  readonly clock: ManualClock;
  feed(...chunks: (string | Buffer)[]): void;
}

interface EarOptions {
  readonly term?: string;
  readonly pasteLimit?: number;
  readonly erase?: number | undefined;
}

function ear({ term = "xterm-256color", pasteLimit, ...options }: EarOptions = {}): Ear {
  const events: InputEvent[] = [];
  const replies: string[] = [];
  const clock = new ManualClock();
  const decoder = new InputDecoder({
    clock,
    term,
    pasteLimit,
    erase: "erase" in options ? options.erase : 0x7f,
    emit: (event) => events.push(event),
    onReply: (content) => replies.push(content),
  });
  return {
    events,
    replies,
    clock,
    feed: (...chunks) => chunks.forEach((chunk) => decoder.feed(Buffer.from(chunk))),
    [Symbol.dispose]: () => decoder[Symbol.dispose](),
  };
}

/** One word for each event: a key's name, 'text', <paste>, or what the mouse did where. */
function words(events: readonly InputEvent[]): string {
  return events.map(word).join(" ");
}

function word(event: InputEvent): string {
  switch (event.kind) {
    case "key":
      return event.name;
    case "text":
      return `'${event.text}'`;
    case "paste":
      return `<${event.text}>${event.truncated ? "..." : ""}`;
    case "focus":
      return event.focused ? "focus" : "blur";
    case "mouse": {
      const held = (event.ctrl ? "Ctrl-" : "") + (event.alt ? "Alt-" : "") + (event.shift ? "Shift-" : "");
      return `${held}${event.button}-${event.action}@${event.row},${event.column}x${event.clicks}`;
    }
    default:
      throw new Error("an event of an unknown kind");
  }
}

function check(bytes: string | Buffer, expected: string, term?: string): void {
  const title = `${JSON.stringify(bytes.toString()).replaceAll("\\u001b", "ESC ").slice(1, -1)} is ${expected || "nothing"}`;
  it(term ? `${title} from TERM=${term}` : title, () => {
    using whole = ear({ term });
    whole.feed(bytes);
    assert.equal(words(joined(whole.events)), expected);
    assert.equal(whole.clock.pending, 0, "nothing is waited for");
    // The same, one byte at a time.
    using split = ear({ term });
    for (const byte of Buffer.from(bytes)) split.feed(Buffer.of(byte));
    assert.equal(words(joined(split.events)), expected);
  });
}

/** Neighbouring texts as one: how text is cut depends on how it came. */
function joined(events: readonly InputEvent[]): InputEvent[] {
  const result: InputEvent[] = [];
  for (const event of events) {
    const last = result.at(-1);
    if (event.kind === "text" && last?.kind === "text") {
      result[result.length - 1] = { kind: "text", text: last.text + event.text };
    } else result.push(event);
  }
  return result;
}

describe("the input decoder", () => {
  describe("reads text and control keys", () => {
    check("hello world", "'hello world'");
    check("Grüße, 世界 👩‍🚀", "'Grüße, 世界 👩‍🚀'");
    check("a\rb", "'a' Enter 'b'");
    check("\n", "Enter");
    check("\t\x7f\b", "Tab Backspace Ctrl-H");
    check("\x00\x01\x13\x1a\x1c\x1d\x1e\x1f", "Ctrl-Space Ctrl-A Ctrl-S Ctrl-Z Ctrl-\\ Ctrl-] Ctrl-^ Ctrl-/");
    check(Buffer.from([0x61, 0xff, 0x62]), "'a\ufffdb'");
    check(Buffer.from([0xc3, 0x28]), "'\ufffd('");
    check("\u0085\u009b1", "'1'");
  });

  describe("reads xterm's keys", () => {
    for (const base of [
      "Up",
      "Down",
      "Left",
      "Right",
      "Home",
      "End",
      "Insert",
      "Delete",
      "PageUp",
      "PageDown",
      "F1",
      "F2",
      "F3",
      "F4",
      "F5",
      "F6",
      "F7",
      "F8",
      "F9",
      "F10",
      "F11",
      "F12",
    ]) {
      for (const held of ["", "Shift-", "Alt-", "Ctrl-", "Ctrl-Shift-", "Ctrl-Alt-", "Alt-Shift-", "Ctrl-Alt-Shift-"]) {
        check(keyBytes(held + base), held + base);
      }
    }
    check("\x1b[Z", "Shift-Tab");
    check("\x1bb\x1bB\x1b ", "Alt-B Alt-Shift-B Alt-Space");
    check("\x1bé", "Alt-É");
    check("\x1b\r\x1b\x7f\x1b\x13", "Alt-Enter Alt-Backspace Ctrl-Alt-S");
    check("\x1bOA\x1bOH\x1bOF", "Up Home End");
    check("\x1b[1~\x1b[4~", "Home End");
    check("\x1bOj\x1bOp\x1bOM", "'*0' Enter");
  });

  describe("reads the keys of rxvt, PuTTY, tmux and the Linux console", () => {
    check("\x1b[7~\x1b[8~\x1b[7$\x1b[8^\x1b[3@", "Home End Shift-Home Ctrl-End Ctrl-Shift-Delete");
    check("\x1b[a\x1b[d\x1bOa\x1bOd", "Shift-Up Shift-Left Ctrl-Up Ctrl-Left");
    check("\x1b\x1b[A\x1b\x1bOP", "Alt-Up Alt-F1");
    check("\x1b[11~\x1b[12~\x1b[13~\x1b[14~\x1b[15~", "F1 F2 F3 F4 F5");
    check("\x1b[28~", "Shift-F5", "rxvt-unicode-256color");
    check("\x1b[28~", "Shift-F5", "putty");
    check("\x1b[15;2~\x1b[1;2R", "Shift-F5 Shift-F3", "tmux-256color");
    check("\x1b[[A\x1b[[B\x1b[[C\x1b[[D\x1b[[E", "F1 F2 F3 F4 F5", "linux");
    check("\x1b[25~\x1b[31~", "Shift-F1 Shift-F5", "linux");
    check("\x1bO5P\x1bO2A", "Ctrl-F1 Shift-Up");
  });

  describe("reads CSI u and modifyOtherKeys", () => {
    check("\x1b[97u", "'a'");
    check("\x1b[97;2u\x1b[97:65;2u", "'AA'");
    check("\x1b[115;5u\x1b[115;6u\x1b[97;3u", "Ctrl-S Ctrl-Shift-S Alt-A");
    check("\x1b[105;5u\x1b[109;5u", "Ctrl-I Ctrl-M");
    check("\x1b[27u\x1b[13;5u\x1b[9;2u\x1b[127;3u\x1b[32;5u", "Escape Ctrl-Enter Shift-Tab Alt-Backspace Ctrl-Space");
    check("\x1b[27;5;115~\x1b[27;6;83~\x1b[27;2;65~\x1b[27;5;13~", "Ctrl-S Ctrl-Shift-S 'A' Ctrl-Enter");
    check("\x1b[47;5u", "Ctrl-/");
    check("\x1b[57400u\x1b[57414u\x1b[57419u\x1b[57441u", "'1' Enter Up");
    check("\x1b[97;1:3u\x1b[1;1:3A\x1b[15;1:3~", "");
    check("\x1b[97;1:2u", "'a'");
  });

  describe("reads the mouse", () => {
    check("\x1b[<0;10;5M\x1b[<0;10;5m", "left-press@4,9x1 left-release@4,9x1");
    check("\x1b[<1;1;1M\x1b[<2;1;1M", "middle-press@0,0x1 right-press@0,0x1");
    check("\x1b[<0;10;5M\x1b[<32;12;6M", "left-press@4,9x1 left-drag@5,11x1");
    check("\x1b[<64;3;4M\x1b[<65;3;4M", "none-wheel-up@3,2x1 none-wheel-down@3,2x1");
    check("\x1b[<28;3;4M", "Ctrl-Alt-Shift-left-press@3,2x1");
    check("\x1b[<35;3;4M\x1b[<66;1;1M\x1b[<128;1;1M", "");
    check("\x1b[<0;0;0M\x1b[<0;;M\x1b[<M\x1b[<0;99999999;1M", "");
    check("\x1b[M !!\x1b[M#!!", "left-press@0,0x1 left-release@0,0x1");
    check("\x1b[32;10;5M", "left-press@4,9x1");

    it("counts double and triple clicks, of the same button at the same place within 400 ms", () => {
      using on = ear();
      const click = "\x1b[<0;10;5M\x1b[<0;10;5m";
      on.feed(click, click, click, click);
      assert.deepEqual(presses(on.events), [1, 2, 3, 1]);
      on.clock.advance(401);
      on.feed(click, "\x1b[<0;20;5M", "\x1b[<2;20;5M");
      assert.deepEqual(presses(on.events).slice(4), [1, 1, 1]);
    });
  });

  describe("recognises answers to queries and unknown sequences", () => {
    check("\x1b[?62;22c\x1b[>1;10;0c\x1b[24;80R\x1b[0n\x1b[?2026;2$y\x1b[8;24;80t\x1b[?1u", "");
    check("\x1b[I\x1b[O", "focus blur");
    check("\x1b[1;2;3;4;5x\x1b[!p\x1b[>4;2m", "");
    check("\x1b]11;rgb:1e1e/1e1e/2e2e\x07a", "'a'");
    check("\x1b]11;rgb:1e1e/1e1e/2e2e\x1b\\a", "'a'");
    check("\x1bP1$r0m\x1b\\\x1bP>|XTerm(380)\x1b\\a", "'a'");
    check("\x1b]11;broken off\x1b[A", "Up");
    check(`\x1b[${"1;".repeat(500)}Ab`, "'b'");
    check("\x1b[12\x1b[A\x1b[1\r", "Up Enter");

    it("hands the content of strings on, and no more than 256 bytes of it", () => {
      using on = ear();
      on.feed("\x1b]11;rgb:0/0/0\x07", `\x1b]52;c;${"A".repeat(1_000_000)}\x07`, "x");
      assert.deepEqual(
        on.replies.map((reply) => reply.length),
        [12, 256],
      );
      assert.equal(words(on.events), "'x'");
    });
  });

  describe("reads pastes", () => {
    check("\x1b[200~one\rtwo\r\nthree\n\x1b[201~x", "<one\ntwo\nthree\n> 'x'");
    check("\x1b[200~\x1b[201~", "<>");
    check("\x1b[200~a\x1b[31mb\x03\x1b[20c\x00\x1b[201~", "<a[31mb[20c>");
    check("\x1b[200~tab\tstays, 世界\x1b[201~", "<tab\tstays, 世界>");
    check("\x1b[200~\x1b[200~\x1b[201~", "<[200~>");

    it("cuts a paste at its limit between characters, and tells", () => {
      using on = ear({ pasteLimit: 10 });
      on.feed(`\x1b[200~${"é".repeat(5)}`, `é\x1b[201~`, "\x1b[200~123456789é\x1b[201~");
      assert.equal(words(on.events), "<ééééé>... <123456789>...");
    });

    it("takes a paste whose end never comes as it is after 10 s", () => {
      using on = ear();
      on.feed("\x1b[200~lost");
      on.clock.advance(9_999);
      assert.equal(words(on.events), "");
      on.clock.advance(1);
      on.feed("x");
      assert.equal(words(on.events), "<lost> 'x'");
    });
  });

  describe("waits for the rest of a sequence, but not for ever", () => {
    const cases: readonly (readonly [pending: string, after: number, expected: string])[] = [
      ["\x1b", 50, "Escape"],
      ["\x1b\x1b", 50, "Escape Escape"],
      ["\x1b[", 50, "Alt-["],
      ["\x1bO", 50, "Alt-Shift-O"],
      ["\x1b]", 50, "Alt-]"],
      ["\x1bP", 50, "Alt-Shift-P"],
      ["\x1b[1;", 500, ""],
      ["\x1b[<0;1", 500, ""],
      ["\x1b]11;rgb", 500, ""],
    ];
    for (const [pending, after, expected] of cases) {
      it(`${JSON.stringify(pending)} alone is ${expected || "dropped"} after ${after} ms`, () => {
        using on = ear();
        on.feed(pending);
        on.clock.advance(after - 1);
        assert.equal(words(on.events), "");
        on.clock.advance(1);
        assert.equal(words(on.events), expected);
        on.feed("x");
        assert.equal(words(on.events), `${expected} 'x'`.trim());
      });
    }

    describe("takes the rest of what it gave up for no text", () => {
      const sequences: readonly (readonly [first: string, rest: string, expected: string, reply?: string])[] = [
        ["\x1b", "[A", "Escape Up"],
        ["\x1b", "[1;5C", "Escape Ctrl-Right"],
        ["\x1b", "OP", "Escape F1"],
        ["\x1b", "[[E", "Escape F5"],
        ["\x1b", "[15~\x1b[B", "Escape F5 Down"],
        ["\x1b", "[?62;4c", "Escape"],
        ["\x1b", "]11;rgb:0000/0000/0000\x07", "Escape", "11;rgb:0000/0000/0000"],
        ["\x1b", "P>|XTerm(390)\x1b\\", "Escape", ">|XTerm(390)"],
        ["\x1b", "[<0;10;5M", "Escape left-press@4,9x1"],
        ["\x1b", "[200~a\x1b[201~", "Escape <a>"],
        ["\x1b[", "B", "Alt-[ Down"],
        ["\x1b[1;", "5D", "Ctrl-Left"],
        ["\x1b[<0;1", "0;5M", "left-press@4,9x1"],
        ["\x1b]11;rgb:00", "00/0000/0000\x07", "", "11;rgb:0000/0000/0000"],
        // What nobody can tell from text, or is text.
        ["\x1b", "[1, 2]", "Escape '[1, 2]'"],
        ["\x1b", "[", "Escape '['"],
        ["\x1b", "[]", "Escape '[]'"],
        ["\x1b", "[a for a in b]", "Escape '[a for a in b]'"],
        ["\x1b", "Open", "Escape 'Open'"],
      ];
      for (const [first, rest, expected, reply] of sequences)
        it(`${JSON.stringify(first)}, and later ${JSON.stringify(rest)}`, () => {
          using on = ear();
          on.feed(first);
          on.clock.advance(1000);
          on.feed(rest);
          assert.equal(words(on.events), expected);
          assert.deepEqual(on.replies, reply === undefined ? [] : [reply]);
        });
      it("but only for a time, and only what comes next", () => {
        using on = ear();
        on.feed("\x1b");
        on.clock.advance(3000);
        on.feed("[A");
        on.feed("\x1b");
        on.clock.advance(100);
        on.feed("x", "[A");
        assert.equal(words(on.events), "Escape '[A' Escape 'x' '[A'");
      });
    });

    it("joins an escape sequence that the network cut, within the time", () => {
      using on = ear();
      on.feed("\x1b");
      on.clock.advance(49);
      on.feed("[");
      on.clock.advance(49);
      on.feed("A");
      assert.equal(words(on.events), "Up");
    });

    it("reads ] and P after Alt as keys when no answer begins with what follows", () => {
      using on = ear();
      on.feed("\x1b]a\x1bPb");
      assert.equal(words(on.events), "Alt-] 'a' Alt-Shift-P 'b'");
    });
  });

  describe("reads ^H", () => {
    const cases: readonly (readonly [says: string, erase: number | undefined, expected: string])[] = [
      ["DEL", 0x7f, "Backspace Ctrl-H Alt-Backspace Ctrl-Alt-H"],
      ["^H", 0x08, "Backspace Backspace Alt-Backspace Alt-Backspace"],
      ["nothing", undefined, "Backspace Backspace Alt-Backspace Alt-Backspace"],
      ["^W", 0x17, "Backspace Backspace Alt-Backspace Alt-Backspace"],
    ];
    for (const [says, erase, expected] of cases) {
      it(`as ${expected} from a client that says ${says} of its Backspace key`, () => {
        using on = ear({ erase });
        on.feed("\x7f", "\b", "\x1b\x7f", "\x1b\b");
        assert.equal(words(on.events), expected);
      });
    }
  });

  describe("under random input", () => {
    const piece = fc.oneof(
      fc.constantFrom(
        "\x1b",
        "\x1b[",
        "\x1bO",
        "\x1b]",
        "\x1bP",
        "\x1b[<",
        "\x1b[200~",
        "\x1b[201~",
        "\x1b[M",
        "\x1b[[",
        "\x07",
        "\x1b\\",
        "A",
        "~",
        "u",
        "$",
        "@",
        "M",
        "m",
        ";",
        ":",
        "?",
        "1",
        "27",
        "57414",
        "\r",
        "\x7f",
        "世",
        "👩‍🚀",
        "é",
        "\x9b",
      ),
      fc.string({ unit: "binary", maxLength: 4 }),
    );
    const bytes = fc.oneof(
      fc.array(piece, { maxLength: 40 }).map((pieces) => Buffer.from(pieces.join(""))),
      fc.uint8Array({ maxLength: 60 }).map((array) => Buffer.from(array)),
    );

    it("gives the same events however the bytes are cut", () => {
      fc.assert(
        fc.property(bytes, fc.array(fc.nat(80), { maxLength: 10 }), (data, cuts) => {
          using whole = ear({ pasteLimit: 20 });
          using parts = ear({ pasteLimit: 20 });
          whole.feed(data);
          const places = [0, ...cuts.map((cut) => Math.min(cut, data.length)).sort((a, b) => a - b), data.length];
          places.slice(1).forEach((end, index) => parts.feed(data.subarray(places[index], end)));
          assert.deepEqual(joined(parts.events), joined(whole.events));
          assert.deepEqual(parts.replies, whole.replies);
        }),
        { numRuns: 3000 },
      );
    });

    it("never hands on a control character as text, and comes to rest when time passes", () => {
      fc.assert(
        fc.property(bytes, (data) => {
          using on = ear();
          on.feed(data);
          on.clock.advance(20_000);
          assert.equal(on.clock.pending, 0);
          for (const event of on.events) {
            if (event.kind === "text") assert.doesNotMatch(event.text, /[\0-\x1f\x7f-\x9f]/);
            if (event.kind === "paste") assert.doesNotMatch(event.text, /[\0-\x08\x0b-\x1f\x7f-\x9f]/);
            if (event.kind === "key")
              assert.match(event.name, /^(Ctrl-)?(Alt-)?(Shift-)?([^\0-\x20]|Space|[A-Z][A-Za-z0-9]+)$/u);
          }
        }),
        { numRuns: 3000 },
      );
    });
  });
});

function presses(events: readonly InputEvent[]): number[] {
  return events.flatMap((event) => (event.kind === "mouse" && event.action === "press" ? [event.clicks] : []));
}
