import assert from "node:assert/strict";
import { copyCommand } from "../../src/session/copy-command.ts";

const standard = { host: "class.example.edu", port: 22 };

describe("the line that copies a file to one's own machine", () => {
  for (const [address, path, folder, line] of [
    [standard, "/home/ada/hw1/a.py", false, "scp ada@class.example.edu:hw1/a.py ."],
    [{ ...standard, port: 2222 }, "/home/ada/a.py", false, "scp -P 2222 ada@class.example.edu:a.py ."],
    [standard, "/home/ada/hw1", true, "scp -r ada@class.example.edu:hw1 ."],
    [standard, "/home/ada", true, "scp -r ada@class.example.edu:/home/ada ."],
    [standard, "/course/Lecture Notes/1.md", false, "scp 'ada@class.example.edu:/course/Lecture Notes/1.md' ."],
    [standard, "/home/ada/it's.py", false, "scp 'ada@class.example.edu:it'\\''s.py' ."],
    [standard, "/home/ada/-x", false, "scp ada@class.example.edu:./-x ."],
    [standard, "/home/ada/~x", false, "scp 'ada@class.example.edu:./~x' ."],
    [standard, "/home/ada/$(touch x)", false, "scp 'ada@class.example.edu:$(touch x)' ."],
    [{ host: "[::1]", port: 2222 }, "/home/ada/a.py", false, "scp -P 2222 'ada@[::1]:a.py' ."],
  ] as const)
    it(`is ${line}`, () => assert.equal(copyCommand(address, "ada", { path, folder }), line));
});
