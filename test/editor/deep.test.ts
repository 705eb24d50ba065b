import { editorCommands, type EditorCommandName } from "../../src/editor/commands.ts";
import { EditorDocument } from "../../src/editor/document.ts";
import { startState } from "../../src/editor/lexer-state.ts";
import { PythonScanner } from "../../src/editor/python-scanner.ts";
import { Search } from "../../src/editor/search.ts";

const depth = 100_000;

/** Texts that are nested as deep as a file may be. */
const deep: Readonly<Record<string, string>> = {
  "fields in formats of fields": `f'${"{a:".repeat(depth)}`,
  "fields in fields": `f"${"{".repeat(depth)}`,
  brackets: "(".repeat(depth) + ")".repeat(depth),
  "brackets on lines of their own": "[\n".repeat(depth),
  "brackets in a field": `f'{${"([{".repeat(depth)}`,
  "strings in fields": `f"""{${`f'{`.repeat(depth)}`,
  blocks: Array.from({ length: 2000 }, (_, level) => `${" ".repeat(level)}if a:`).join("\n"),
  "lines joined by a backslash": "a \\\n".repeat(depth),
  quotes: "'\"".repeat(depth),
  "one word": "a".repeat(2 * depth),
  "prefixes of strings": "rb".repeat(depth),
};

describe("editor: text that is nested very deep", () => {
  for (const [name, text] of Object.entries(deep)) {
    it(`colours ${name} without a frame of the stack for each level`, () => {
      for (const state of [startState, 1, 9, 15]) new PythonScanner(text, state).scan();
    });

    it(`edits ${name} by every command`, () => {
      const document = new EditorDocument({ text, language: "python" });
      const view = document.open();
      const search = new Search({ text: "(" });
      for (const place of [0, Math.floor(text.length / 2), text.length]) {
        for (const command of Object.keys(editorCommands) as EditorCommandName[]) {
          view.setCursor(Math.min(place, document.length));
          view.run(command);
          view.viewport.lines(view, { search });
        }
        for (const typed of ["(", '"', "}", ":", "f'{"]) view.type(typed);
      }
      search.next(view);
      search.previous(view);
      search.count(view);
      search.replaceAll(view, "[[");
    });
  }
});
