/** Every test/scripts/*.txt is a transcript that begins with an empty server; test/support/transcript.ts tells how to write one. */
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { testServer } from "./support/server.ts";
import { runTranscript } from "./support/transcript.ts";

const directory = fileURLToPath(new URL("scripts/", import.meta.url));

describe("transcripts", () => {
  for (const file of readdirSync(directory).filter((name) => name.endsWith(".txt"))) {
    it(file.replace(/\.txt$/, "").replaceAll("-", " "), async () => {
      await using server = await testServer({ initialPasswordChange: true, "limits.commandsPerMinute": 1000 });
      await runTranscript(server, `${directory}${file}`);
    }).timeout(60_000);
  }
});
