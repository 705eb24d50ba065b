/** The pictures of the README: real people at a real server, seen on a real terminal. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Role } from "../../src/auth/roles.ts";
import { Scope } from "../../src/base/scope.ts";
import { eventually } from "../../test/support/eventually.ts";
import { passwordOf, testServer, type TestServer } from "../../test/support/server.ts";
import { openTerminalClient, type TerminalClient } from "../../test/support/terminal-client.ts";

/** A picture of somebody's terminal. */
export interface Scene {
  /** Where the picture is, from the root of the repository. */
  readonly file: string;
  /** What somebody hears who can't see it. */
  readonly title: string;
  /** The screen is complete when it holds all of these. */
  readonly words: readonly string[];
  /** How long states last, by login name; what the clock says is fixed too. */
  readonly times: Readonly<Record<string, string>>;
  readonly play: (stage: Stage) => Promise<Played>;
}

interface Played {
  readonly screen: TerminalClient;
  /** Called again and again until the picture is taken: what goes on meanwhile. */
  readonly goOn: () => void;
}

/** The terminal's own background; the server is told when it asks. */
export const background = "#1a1d23";

const warmDays = `"""Warm days, counted by month."""
temperatures = {
    "April": [9.5, 14, 17.5, 12],
    "May": [16, 21.5, 19, 23],
    "June": [22, 25.5, 28, 24],
}


def warm(days, limit=20):
    """The days that were warmer than the limit."""
    return [day for day in days if day > limit]


for month, days in temperatures.items():
    print(f"{month:6}", "*" * len(warm(days)))
`;

const ide: Scene = {
  file: "docs/pictures/ide.svg",
  title:
    "The IDE: Ada's files on the left, a program in the editor, its output in the console below; a professor types in the same file",
  words: ["1 viewer", "June   ****", "Ln 11", "Liskov at line 14"],
  times: {},
  async play(stage) {
    await stage.add("ada", "student", "Ada Lovelace", { "temperatures.py": warmDays, "guess.py": "", "notes.txt": "" });
    await stage.add("liskov", "professor", "Barbara Liskov");
    const ada = await stage.logIn("ada", { columns: 92, rows: 29 });
    await ada.wait("for i in range(3)");
    ada.press("Ctrl-O");
    await ada.wait("Open a file");
    ada.type("temperatures");
    await ada.wait("temperatures.py");
    ada.press("Enter");
    await ada.wait((screen) => ["def warm", ">>>"].every((words) => screen.join("\n").includes(words)));
    ada.press("F5");
    await ada.wait("June   ****");
    ada.press("F3", ...down(10), "End");
    const liskov = await stage.logIn("liskov", { columns: 92, rows: 30, command: "attach ada --mode help" });
    await liskov.wait("def warm");
    liskov.press("F3", "Ctrl-Home", ...down(13), "End");
    return { screen: ada, goOn: () => undefined };
  },
};

function down(lines: number): readonly string[] {
  return Array.from({ length: lines }, () => "Down");
}

const broken = `prices = [2.5, 4, 1.2]
total = 0
for price in prices:
    total = total + price
print("Together:", totl)
`;

const classView: Scene = {
  file: "docs/pictures/class.svg",
  title:
    "The class view: raised hands on top, then who is stuck, then everybody else, each with a state and how long it lasts",
  words: ["6 here", "▲ 2 hands", "! 1 stuck", "▲ hand", "▲ claimed", "✗ error", "×4", "● typing", "○ away"],
  times: { alan: "3 min", grace: "6 min", edsger: "2 min", ada: "40 s", mary: "1 min", tony: "25 s", niklaus: "8 min" },
  async play(stage) {
    const students = [
      ["ada", "Ada Lovelace"],
      ["alan", "Alan Turing"],
      ["edsger", "Edsger Dijkstra"],
      ["grace", "Grace Hopper"],
      ["mary", "Mary Jackson"],
      ["niklaus", "Niklaus Wirth"],
      ["tony", "Tony Hoare"],
    ] as const;
    await stage.add("liskov", "professor", "Barbara Liskov");
    await stage.add("tia", "ta", "Tia Assistant");
    const screens = new Map<string, TerminalClient>();
    for (const [username, name] of students) {
      await stage.add(username, "student", name, username === "edsger" ? { "welcome.py": broken } : {});
      const screen = await stage.logIn(username, { columns: 80, rows: 24 });
      await screen.wait("welcome.py");
      screens.set(username, screen);
    }
    const on = (username: string): TerminalClient => screens.get(username) as TerminalClient;
    for (let run = 1; run <= 4; run++) {
      on("edsger").press("F5");
      // The next run would end this one before its error is counted.
      await eventually(async () =>
        new RegExp(`"errorTimes": ?${run}\\b`).test(await stage.run("liskov", "class list --json")),
      );
    }
    await stage.run("grace", "hand raise");
    await stage.run("alan", "hand raise Why does it print None?");
    await stage.run("tia", "hand claim grace");
    await on("niklaus").close();
    const screen = await stage.logIn("liskov", { columns: 104, rows: 16, command: "class" });
    await screen.wait("STUDENT");
    const goOn = (): void => {
      for (const username of ["ada", "mary", "tony"]) on(username).press("Right");
    };
    return { screen, goOn };
  },
};

export const scenes: readonly Scene[] = [ide, classView];

/** A server with people who exist for one picture. */
export class Stage implements AsyncDisposable {
  readonly #scope: Scope;
  readonly #server: TestServer;

  private constructor(scope: Scope, server: TestServer) {
    this.#scope = scope;
    this.#server = server;
  }

  static async open(): Promise<Stage> {
    const scope = new Scope("stage");
    return new Stage(
      scope,
      scope.own(
        await testServer({ courseName: "CS101", "runner.spareJails": false, "limits.commandsPerMinute": 10_000 }),
      ),
    );
  }

  /** An account with these files, by name, in its home. */
  async add(username: string, role: Role, name: string, files: Readonly<Record<string, string>> = {}): Promise<void> {
    const { accounts, workspaces } = this.#server.server.services;
    await accounts.add({ username, role, name, ...(role === "student" || role === "ta" ? { section: "A" } : {}) });
    await accounts.setPassword(username, passwordOf(username));
    await workspaces.ensureHome(username);
    for (const [file, text] of Object.entries(files)) await writeFile(join(this.#server.home(username), file), text);
  }

  /** OpenSSH on a terminal with a dark background and all colours. */
  async logIn(
    username: string,
    { command, ...size }: { columns: number; rows: number; command?: string },
  ): Promise<TerminalClient> {
    const { args, env } = await this.#server.ssh(username);
    const words = ["-t", "-o", "SetEnv=COLORTERM=truecolor", ...args, ...(command === undefined ? [] : [command])];
    return this.#scope.own(openTerminalClient("ssh", words, { ...size, background, env }));
  }

  /** The output of a command over SSH. */
  async run(username: string, command: string): Promise<string> {
    const { status, stdout, stderr } = await this.#server.run(username, command);
    if (status !== 0) throw new Error(`${username}: ${command}: ${stderr}`);
    return stdout;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#scope.close();
  }
}
