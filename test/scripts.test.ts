/** Every test/scripts/*.txt is a transcript that begins with an empty server; test/support/transcript.ts tells how to write one. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { may } from "../src/auth/roles.ts";
import { commands } from "../src/commands/command-registry.ts";
import { testServer } from "./support/server.ts";
import { runTranscript } from "./support/transcript.ts";

const directory = fileURLToPath(new URL("scripts/", import.meta.url));

describe("transcripts", () => {
  it("let the attacker try every command that is not a student's", () => {
    const text = readFileSync(`${directory}attacker.txt`, "utf8");
    const others = commands
      .filter(({ permission }) => permission !== undefined && !may("student", permission))
      .map(({ name }) => name);
    assert.deepEqual(
      others.filter((name) => !new RegExp(`^mallory\\$ ${name}\\b`, "m").test(text)),
      [],
      "Add these commands to test/scripts/attacker.txt.",
    );
  });

  for (const file of readdirSync(directory).filter((name) => name.endsWith(".txt"))) {
    it(file.replace(/\.txt$/, "").replaceAll("-", " "), async () => {
      await using server = await testServer({ initialPasswordChange: true, "limits.commandsPerMinute": 1000 });
      await runTranscript(server, `${directory}${file}`);
    });
  }
});
