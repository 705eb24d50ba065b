/** Statements of the prompt from one login to the next, over the real server. */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { testServer, type TestServer } from "../support/server.ts";
import type { TerminalClient } from "../support/terminal-client.ts";

describe("statements from one login to the next", () => {
  let server: TestServer;
  before(async () => {
    server = await testServer();
    await server.add("ada");
  });
  after(() => server[Symbol.asyncDispose]());

  const file = (): string => join(server.data, "recovery/ada/statements");
  const kept = async (): Promise<readonly string[]> => JSON.parse(await readFile(file(), "utf8"));

  /** Logs in, goes to the prompt, does something there, and logs out. */
  async function atPrompt(act: (ada: TerminalClient) => Promise<void>): Promise<void> {
    await using ada = await server.connect("ada", { columns: 100, rows: 40 });
    await ada.wait("F1 Help");
    await ada.wait(/>>>/);
    ada.press("F6");
    await act(ada);
    ada.press("Ctrl-Q");
    assert.equal(await ada.exited, 0);
  }

  it("Up brings back the last ones, whole; and no answer to input() is among them", async () => {
    await atPrompt(async (ada) => {
      ada.type("6 * 7\r");
      await ada.wait(/>>> 6 \* 7 *\n.*42[^]*>>>/);
      ada.type('len(input("Secret? "))\r');
      await ada.wait(/^.*Secret\? +\S? *$/m);
      ada.type("swordfish\r");
      await ada.wait(/Secret\? swordfish[^]*\n.*9[^]*>>>/);
      ada.type("for i in range(2):\r");
      await ada.wait(/for i in range\(2\):[^]*\.\.\./);
      ada.type("print('row', i)\r");
      await ada.wait(/print\('row', i\)[^]*\.\.\./);
      ada.type("\r");
      await ada.wait(/row 1[^]*>>>/);
    });
    const loop = "for i in range(2):\n    print('row', i)";
    assert.deepEqual(await kept(), ["6 * 7", 'len(input("Secret? "))', loop]);
    await atPrompt(async (ada) => {
      ada.press("Up");
      await ada.wait(/>>> for i in range\(2\):[^]*\.\.\. +print\('row', i\)/);
      ada.press("Enter");
      await ada.wait(/row 0[^]*row 1[^]*>>>/);
      ada.press("Up", "Up", "Up");
      await ada.wait(/>>> 6 \* 7/);
    });
    assert.deepEqual(await kept(), ["6 * 7", 'len(input("Secret? "))', loop]);
  });

  it("keeps a bounded number, the newest, and begins anew where the file is damaged", async () => {
    const many = Array.from({ length: 500 }, (_, number) => `value_${number} = ${number}`);
    await writeFile(file(), JSON.stringify(many));
    await atPrompt(async (ada) => {
      ada.press("Up");
      await ada.wait(/>>> value_499 = 499/);
      ada.press("Ctrl-U");
      await ada.wait(/>>> *(\S? *)?$/m);
      ada.type("'one more'\r");
      await ada.wait(/\n.*'one more'[^]*\n.*'one more'[^]*>>>/);
    });
    assert.deepEqual(await kept(), [...many.slice(-99), "'one more'"]);
    await writeFile(file(), '["half a sta');
    await atPrompt(async (ada) => {
      ada.type("'anew'\r");
      await ada.wait(/\n.*'anew'[^]*\n.*'anew'[^]*>>>/);
    });
    assert.deepEqual(await kept(), ["'anew'"]);
  });
});
