import assert from "node:assert/strict";
import { UserError } from "../../src/base/errors.ts";
import { refuseTool } from "../../src/commands/refused-tools.ts";

/** ssh-copy-id of OpenSSH 9.2. */
const copyId = `exec sh -c 'cd ; umask 077 ; mkdir -p .ssh && { [ -z "\`tail -1c .ssh/authorized_keys 2>/dev/null\`" ] || echo >> .ssh/authorized_keys || exit 1; } && cat >> .ssh/authorized_keys || exit 1 ; '`;

describe("tools that are not here", () => {
  const refused: [string, RegExp, RegExp][] = [
    [copyId, /ssh-copy-id/, /key add </],
    ["bash", /no shell/, /run FILE/],
    ["/bin/sh -c 'echo hello'", /no shell/, /run FILE/],
    ["exec sh -c 'true'", /no shell/, /IDE/],
    ["sudo -i", /no shell/, /IDE/],
    ["mosh-server new -s -c 256", /mosh/, /session waits/],
    ["tmux attach", /tmux/, /session waits/],
    ["subsystem netconf", /subsystems/, /help/],
    ["python3 hw1.py", /Python/, /run FILE/],
    ["vim hw1.py", /editor/, /Log in/],
  ];
  for (const [line, message, hint] of refused) {
    it(`is what "${line.slice(0, 40)}" asks for`, () => {
      assert.throws(
        () => refuseTool(line),
        (error) =>
          error instanceof UserError &&
          error.code === "unknown-command" &&
          message.test(error.message) &&
          hint.test(error.hint ?? ""),
      );
    });
  }

  for (const line of ["run bash.py", "show", "gitter", "shell", "edit", "subsystems", "user add git", ""]) {
    it(`is not what "${line}" asks for`, () => refuseTool(line));
  }
});
