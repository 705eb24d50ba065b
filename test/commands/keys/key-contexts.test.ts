/** The whole table of keys: what holds for every context. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { actions } from "../../../src/commands/actions.ts";
import { editorKeys } from "../../../src/commands/keys/editor-keys.ts";
import { KeyContext } from "../../../src/commands/keys/key-context.ts";
import { keyContexts } from "../../../src/commands/keys/key-contexts.ts";
import { actionFor, paneKeys } from "../../../src/commands/keys/pane-keys.ts";
import { viewerKeys } from "../../../src/commands/keys/viewer-keys.ts";
import { editorCommands } from "../../../src/editor/commands.ts";
import { InputDecoder } from "../../../src/terminal/input/decoder.ts";
import type { InputEvent } from "../../../src/terminal/input/event.ts";
import { pressedKey } from "../../../src/terminal/input/pressed-key.ts";
import { ManualClock } from "../../tui/manual-clock.ts";

const source = fileURLToPath(new URL("../../../src", import.meta.url));

/** All modules of a folder of src/. */
function modules(folder: string): readonly string[] {
  return readdirSync(join(source, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => join(source, folder, file));
}

/** The names of the keys that these bytes are, one sequence at a time. */
function namesOf(sequences: readonly string[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const sequence of sequences) {
    const clock = new ManualClock();
    const events: InputEvent[] = [];
    using decoder = new InputDecoder({ clock, emit: (event) => events.push(event) });
    decoder.feed(Buffer.from(sequence, "latin1"));
    clock.advance(1000);
    const [event] = events;
    const name = events.length === 1 && event ? pressedKey(event) : undefined;
    if (name !== undefined) names.add(name);
  }
  return names;
}

const modifiers = [2, 3, 4, 5, 6, 7, 8];
const bytes = Array.from({ length: 128 }, (_, byte) => String.fromCharCode(byte));

/** What xterm, PuTTY and the like send without anything switched on. */
const plain = namesOf([
  ...bytes,
  ...bytes.map((byte) => `\x1b${byte}`),
  ...["A", "B", "C", "D", "H", "F", "P", "Q", "R", "S"].flatMap((final) => [
    `\x1b[${final}`,
    `\x1bO${final}`,
    ...modifiers.map((modifier) => `\x1b[1;${modifier}${final}`),
  ]),
  ...Array.from({ length: 24 }, (_, index) => index + 1).flatMap((number) => [
    `\x1b[${number}~`,
    ...modifiers.map((modifier) => `\x1b[${number};${modifier}~`),
  ]),
  "\x1b[Z",
]);

/** What the newer encodings add (CSI u, modifyOtherKeys). */
const newer = namesOf(bytes.flatMap((byte) => modifiers.map((modifier) => `\x1b[${byte.charCodeAt(0)};${modifier}u`)));

/** The bindings of all contexts, each once, with the name of its context. */
const bindings = [
  ...new Map(
    keyContexts.flatMap((context) => context.bindings.map((binding) => [binding, { ...binding, where: context.name }])),
  ).values(),
];

describe("the table of keys", () => {
  for (const [index, context] of keyContexts.entries()) {
    it(`refuses a key bound twice, or that begins a chord, in ${context.name} (${index + 1} of ${keyContexts.length})`, () => {
      const { name, bindings: own, beside } = context;
      const withKey = (key: string) => () =>
        new KeyContext({ name, beside, bindings: [...own, { command: "another", keys: [key], does: "" }] });
      const taken = context.everything.flatMap(({ keys }) => keys);
      assert.ok(taken.length > 0);
      for (const key of taken) {
        assert.throws(withKey(key), /is bound twice/, key);
        if (key.includes(" ")) assert.throws(withKey(key.slice(0, key.indexOf(" "))), /begins a chord/, key);
        else assert.throws(withKey(`${key} F1`), /begins a chord/, key);
      }
    });
  }

  it("holds every context that is made anywhere in src/", () => {
    const made = modules("").flatMap((file) =>
      [...readFileSync(file, "utf8").matchAll(/^export const (\w+) = new KeyContext/gm)].map((match) => ({
        file,
        name: match[1] ?? "",
      })),
    );
    assert.ok(made.length > 15);
    const list = readFileSync(join(source, "commands/keys/key-contexts.ts"), "utf8");
    assert.deepEqual(
      made.filter(({ name }) => !new RegExp(`\\[[^\\]]*\\b${name}\\b`).test(list)),
      [],
    );
    assert.deepEqual(
      modules("").filter(
        (file) => !file.includes("/commands/keys/") && readFileSync(file, "utf8").includes("new KeyContext"),
      ),
      [],
    );
  });

  it("names only keys that a terminal can send", () => {
    const wrong = bindings.flatMap(({ keys, where }) =>
      keys
        .flatMap((key) => key.split(" "))
        .filter((key) => !plain.has(key) && !newer.has(key))
        .map((key) => `${key} in ${where}`),
    );
    assert.deepEqual(wrong, []);
  });

  it("has for every command a key that a plain terminal sends", () => {
    const wrong = bindings.filter(
      ({ keys }) => keys.length > 0 && !keys.some((key) => key.split(" ").every((part) => plain.has(part))),
    );
    assert.deepEqual(
      wrong.map(({ command, where }) => `${command} in ${where}`),
      [],
    );
  });

  it("has for every command a way on a terminal without function keys: a key, or the palette", () => {
    const without = (keys: readonly string[]): boolean => keys.length > 0 && keys.every((key) => /\bF\d+$/.test(key));
    for (const [pane, { bindings: own }] of Object.entries(paneKeys))
      assert.ok(
        !without(own.find(({ command }) => command === "palette")?.keys ?? ["F0"]),
        `no palette in the ${pane}`,
      );
    const wrong = bindings.filter(({ keys, where }) => without(keys) && where !== paneKeys.console.name);
    assert.deepEqual(
      wrong.map(({ command, where }) => `${command} in ${where}`),
      [],
    );
  });

  it("says of every command what it does, in the same words as nothing else in its context but its neighbours", () => {
    for (const context of keyContexts) {
      const words = context.bindings.map(({ does }) => does).filter((does, index, all) => does !== all[index - 1]);
      assert.ok(
        words.every((does) => does.trim() !== ""),
        context.name,
      );
      assert.equal(new Set(words).size, words.length, context.name);
    }
  });

  it("is the only place where keys are told apart", () => {
    const compared =
      /(?:[!=]==|\bcase|\.includes\(|\.has\(|new Set\(\[)\s*"(?:(?:Ctrl|Alt|Shift)-[^"]+|F\d+|Escape|Enter|Tab|Backspace|Delete|Insert|Home|End|PageUp|PageDown|Up|Down|Left|Right)"/;
    const wrong = [...modules("tui"), ...modules("front"), ...modules("session"), ...modules("commands")].filter(
      (file) => compared.test(readFileSync(file, "utf8")),
    );
    assert.deepEqual(wrong, []);
  });
});

/** What a person may read of a module: its strings. */
function strings(file: string): string {
  const code = readFileSync(file, "utf8").replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
  return [...code.matchAll(/"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g)].map(([text]) => text).join("\n");
}

/** The keys with a modifier, function keys and chords that a text names. */
function keysNamed(text: string): readonly string[] {
  const key =
    /(?<![\w-])(?:(?:(?:Ctrl|Alt|Shift)-)+(?:F\d{1,2}|[A-Z][A-Za-z]+|[^a-z\s"`$]))(?: Ctrl-[A-Z](?![a-z])| (?<=Ctrl-K )(?:Enter|Tab|Up|Down|Left|Right)\b)?|(?<![\w-])F\d{1,2}\b/g;
  return [...text.matchAll(key)].map(([name]) => name);
}

describe("what people read about keys", () => {
  const bound = new Set(bindings.flatMap(({ keys }) => keys));
  const docs = fileURLToPath(new URL("../../../docs", import.meta.url));

  it("names no key that does nothing, on the screen or in a page", () => {
    const spelling = /terminal\/input\/|console-bytes/;
    const pages = readdirSync(docs)
      .filter((page) => page.endsWith(".md"))
      .map((page) => join(docs, page));
    const texts = [
      ...modules("")
        .filter((file) => !spelling.test(file))
        .map((file) => ({ file, text: strings(file) })),
      ...pages.map((file) => ({ file, text: readFileSync(file, "utf8") })),
    ];
    const named = texts.flatMap(({ file, text }) => keysNamed(text).map((key) => ({ file, key })));
    assert.ok(named.length > 200, `${named.length} found`);
    assert.deepEqual(
      named.filter(({ key }) => !bound.has(key)),
      [],
    );
    assert.deepEqual(keysNamed("Ctrl-J, or Ctrl-K Ctrl-S; Shift-F5: F13 and Alt-]"), [
      "Ctrl-J",
      "Ctrl-K Ctrl-S",
      "Shift-F5",
      "F13",
      "Alt-]",
    ]);
  });

  it("has every key with its words in docs/keys.md", () => {
    const page = readFileSync(join(docs, "keys.md"), "utf8");
    const rows = page.split("\n").filter((line) => line.startsWith("|"));
    const missing = bindings.filter(({ keys, does }) =>
      keys.some((key) => !rows.some((row) => row.includes(does) && row.includes(key))),
    );
    assert.deepEqual(
      missing.map(({ command, where }) => `${command} in ${where}`),
      [],
    );
  });
});

describe("keys of the panes", () => {
  it("lead to their actions", () => {
    for (const pane of ["files", "editor", "console"] as const) {
      for (const { command, keys } of paneKeys[pane].bindings)
        for (const key of keys) assert.equal(actionFor(key, pane)?.id, command, `${key} in the ${pane}`);
    }
  });

  it("leave the console all keys but function keys and some letters with Ctrl", () => {
    const taken = paneKeys.console.bindings.flatMap(({ keys }) => keys);
    assert.deepEqual(
      taken.filter((key) => !/^(Ctrl-[A-Z]|(Ctrl-|Shift-)?F\d+)$/.test(key)),
      [],
    );
  });

  it("reach every command of the editor, or an action does", () => {
    const written = readFileSync(join(source, "commands/actions.ts"), "utf8");
    const bound = new Set<string>(editorKeys.bindings.map(({ command }) => command));
    assert.deepEqual(
      Object.keys(editorCommands).filter((name) => !bound.has(name) && !written.includes(`"${name}"`)),
      [],
    );
  });

  it("belong to actions with names of their own", () => {
    assert.equal(new Set(actions.map(({ id }) => id)).size, actions.length);
  });
});

describe("keys of a viewer", () => {
  it("take from a guest's own screen only the key that leaves it", () => {
    const guests = new Set(actions.filter(({ guests: forGuests }) => forGuests !== undefined).map(({ id }) => id));
    for (const mode of ["look", "help"] as const) {
      const taken = viewerKeys[mode].bindings.flatMap(({ keys }) => keys);
      const lost = (["files", "editor"] as const).flatMap((pane) =>
        paneKeys[pane].everything.filter(
          ({ command, keys }) => guests.has(command) && keys.some((key) => taken.includes(key)),
        ),
      );
      assert.deepEqual([...new Set(lost.map(({ command }) => command))], ["quit"], mode);
      assert.deepEqual(
        editorKeys.bindings.flatMap(({ keys }) => keys).filter((key) => taken.includes(key)),
        [],
      );
    }
  });
});
