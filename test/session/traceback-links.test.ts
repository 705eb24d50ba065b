/** Which lines of a console lead to a file. */
import assert from "node:assert/strict";
import { emptyLine } from "../../src/session/console-lines.ts";
import { ConsoleText } from "../../src/session/console-text.ts";
import { createEmulator, parseNow } from "../../src/session/emulator.ts";
import { linkAt, linkIn, linksOf } from "../../src/session/traceback-links.ts";

const lines: Readonly<Record<string, readonly [file: string, line: number] | undefined>> = {
  '  File "/home/ada/area.py", line 4, in <module>': ["/home/ada/area.py", 4],
  '  File "/home/ada/area.py", line 4': ["/home/ada/area.py", 4],
  '  File "/home/ada/my "own" files, line 3.py", line 12, in f': ['/home/ada/my "own" files, line 3.py', 12],
  '    |   File "/home/ada/area.py", line 4, in f': ["/home/ada/area.py", 4],
  'File "tests.txt", line 3, in tests.txt': ["tests.txt", 3],
  "> /home/ada/area.py(3)area()": ["/home/ada/area.py", 3],
  "> /home/ada/area.py(3)<module>()->None": ["/home/ada/area.py", 3],
  '/home/ada/area.py:3: SyntaxWarning: "is" with a literal. Did you mean "=="?': ["/home/ada/area.py", 3],
  '  File "<stdin>", line 1, in <module>': undefined,
  '  File "<string>", line 1, in <module>': undefined,
  '  File "/home/ada/area.py", line 0, in f': undefined,
  '  File "/home/ada/area.py", line 99999999999, in f': undefined,
  'print("File", "/home/ada/area.py", line 4)': undefined,
  "NameError: name 'x' is not defined": undefined,
};

describe("a line of the console", () => {
  for (const [text, wanted] of Object.entries(lines))
    it(`${wanted ? "leads to a file" : "leads nowhere"}: ${text}`, () => {
      assert.deepEqual(linkIn(text), wanted && { file: wanted[0], line: wanted[1] });
    });

  const columns = 40;
  const shown = (text: string): ConsoleText => {
    const emulator = createEmulator({ columns, rows: 10 });
    parseNow(emulator, Buffer.from(text.replaceAll("\n", "\r\n")));
    return new ConsoleText(emulator);
  };
  const traceback = `Traceback (most recent call last):
  File "/home/ada/a long name of a file.py", line 4, in <module>
    print(area(3))
          ^^^^^^^
  File "/home/ada/area.py", line 2, in area
    return side * sid
                  ^^^
NameError: name 'sid' is not defined
`;

  it("leads there also where it is wrapped, and from the text below it", () => {
    const text = shown(traceback);
    const found = Array.from({ length: 9 }, (_, line) => linkAt(text, line)?.line);
    assert.deepEqual(found, [undefined, 4, 4, 4, 2, 2, 2, undefined, undefined]);
    assert.equal(linkAt(text, 2)?.file, "/home/ada/a long name of a file.py");
  });

  it("comes before older ones", () => {
    assert.deepEqual(
      linksOf(shown(`${traceback}>>> f()\n${traceback.replaceAll("area.py", "later.py")}`)).map(({ file }) =>
        file.replace("/home/ada/", ""),
      ),
      ["later.py", "a long name of a file.py", "area.py", "a long name of a file.py"],
    );
  });

  it("is one of the newest run that has any, and counts once where a call repeats", () => {
    const recursion = '  File "/home/ada/fact.py", line 2, in fact\n    return fact(n)\n'.repeat(3);
    const later = '  File "/home/ada/fact.py", line 4, in <module>\n    fact(5)\n';
    const runs = `=== RUN area.py ===\n${traceback}>>> half a li=== RUN fact.py ===\n${later}${recursion}`;
    for (const end of ["", "=== RUN fine.py ===\n3\n", "=== RESTART ===\n"])
      assert.deepEqual(
        linksOf(shown(runs + end)).map(({ line }) => line),
        [2, 4],
        end,
      );
  });

  it("is found in little time among much that looks like one", () => {
    const text = { first: 0, end: 10_000, line: () => ({ ...emptyLine, text: `  File "${'", line '.repeat(450)}` }) };
    const begin = process.cpuUsage();
    assert.deepEqual(linksOf(text), []);
    const { user } = process.cpuUsage(begin);
    assert.ok(user < 1_000_000, `${user} microseconds`);
  });

  it("is found in steps that grow like the line, whatever that repeats", () => {
    const repeated = [
      "> /(1)",
      "> /a(1)b",
      '  File "x", line 1, in ',
      '  File "',
      '", line 1',
      "/a.py:1",
      "|+ ",
      "> /x(1)x()(",
    ];
    const others = ["(1)", "a(1)b", '", line 1, in ', "()", " ", "/.py:1"];
    const seconds = (lines: readonly string[]): number => {
      const since = performance.now();
      for (const line of lines) for (let time = 0; time < 10; time++) linkIn(line);
      return performance.now() - since;
    };
    for (const start of repeated) {
      for (const more of [...others, start]) {
        const lines = ["", "\u2028"].map((end) => (start + more.repeat(4096)).slice(0, 4095) + end);
        // Going back for each piece takes hundreds of milliseconds; twice, since this machine may have been busy.
        const took = Math.min(seconds(lines), seconds(lines));
        assert.ok(took < 60, `${start}${more}...: ${took} ms`);
      }
    }
  });
});
