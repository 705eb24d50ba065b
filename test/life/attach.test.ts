/** A teacher attaches to a student's session: what both see, what the teacher may do, and who may not. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { differences, showsTheSame } from "../support/cells.ts";
import { eventually } from "../support/eventually.ts";
import { testServer, type TestServer } from "../support/server.ts";
import { openTerminalClient, type TerminalClient } from "../support/terminal-client.ts";

describe("attaching", () => {
  let server: TestServer;
  let ada: TerminalClient;
  before(async () => {
    server = await testServer();
    await server.add("ada");
    await server.add("alan");
    await server.add("liskov", "professor");
    await server.add("tia", "ta");
    ada = await server.connect("ada", { columns: 100, rows: 30 });
    await ada.wait("Welcome, ada!");
  });
  after(async () => {
    await ada.close();
    await server[Symbol.asyncDispose]();
  });

  const attach = (username: string, command = "attach ada", size = { columns: 80, rows: 24 }) =>
    server.connect(username, { ...size, command, pty: true });

  describe("watching", () => {
    let prof: TerminalClient;
    before(async () => {
      prof = await attach("liskov", "attach ada", { columns: 100, rows: 31 });
      await prof.wait("Watching ada");
    });
    after(() => prof.close());

    it("tells the student who watches, and counts", async () => {
      await ada.wait(/1 viewer/);
    });

    it("shows every cell of her screen, also while she types and a program scrolls", async () => {
      ada.press("F3");
      ada.type("for i in range(300): print(i, 'é漢', '=' * 20)\r");
      await ada.wait("'='");
      ada.press("F5");
      await ada.wait(/299 é/);
      ada.press("F3");
      ada.type("# typed meanwhile");
      await prof.wait("# typed meanwhile");
      await showsTheSame(ada, prof, { rows: 30, columns: 100 });
      assert.deepEqual({ ...prof.cursor() }, { ...ada.cursor() });
    });

    it("lets nothing through that is typed, pasted or clicked", async () => {
      const before = ada.screen();
      prof.type("print('from prof')xyz");
      prof.paste("pasted\nby prof\n");
      prof.press("F5", "Ctrl-S", "Ctrl-W", "Ctrl-K", "F1", "Enter", "Delete", "Ctrl-C", "Ctrl-D");
      prof.mouse("press", 3, 3);
      prof.mouse("release", 3, 3);
      // What she types herself comes after all that on her screen.
      ada.type(" end");
      await ada.wait("meanwhile end");
      await prof.wait("meanwhile end");
      assert.ok(!ada.screen().some((row) => row.includes("prof")), ada.dump());
      assert.equal(ada.screen().length, before.length);
      assert.deepEqual(differences(ada, prof, { rows: 30, columns: 100 }), []);
    });

    it("leaves with Escape, the terminal as it was, status 0, and she is told", async () => {
      prof.press("Escape");
      assert.equal(await prof.exited, 0);
      await ada.wait((screen) => !screen[0]?.includes("viewer"));
      const { audit } = server.server.services;
      const trail = async (): Promise<string[]> =>
        (await audit.list({ user: "ada" })).map(({ action, actor }) => `${actor} ${action}`);
      await eventually(async () => (await trail()).includes("liskov session.detach"));
      assert.ok((await trail()).includes("liskov session.attach"));
    });
  });

  describe("driving", () => {
    let prof: TerminalClient;
    before(async () => {
      prof = await attach("liskov", "attach ada --mode drive");
      await prof.wait("You type for ada");
    });
    after(() => prof.close());

    it("types into her editor and her console, on a smaller screen too, and hers is not resized", async () => {
      await ada.wait("F9 or Ctrl-B takes control back");
      prof.press("F3", "Ctrl-End", "Enter");
      prof.type("driven = 6 * 7");
      await ada.wait("driven = 6 * 7");
      prof.press("F4");
      // Her program has been asking for her name since she started it.
      prof.type("typed by liskov\r");
      await ada.wait("Hello, typed by liskov");
      await prof.wait("Hello, typed by liskov");
      prof.resize(60, 20);
      await prof.wait("You type for ada");
      assert.ok(ada.screen()[29]?.includes("F1"), "her screen has all its rows");
    });

    it("does not quit for her, nor change her password", async () => {
      prof.press("Ctrl-P");
      await ada.wait("All commands");
      prof.type("Quit\r");
      await ada.wait("Only the person whose session it is can do that.");
    });

    it("holds her keys until she takes back, and then lets nothing of the teacher's through", async () => {
      ada.press("F3");
      ada.type("hers too early");
      ada.press("F9");
      await ada.wait((screen) => !screen[0]?.includes("takes control back"));
      await prof.wait("ada took control back.");
      prof.type("his too late");
      ada.press("F3");
      ada.type(" # mine");
      await ada.wait("# mine");
      assert.ok(!ada.screen().some((row) => /too (early|late)/.test(row)), ada.dump());
    });
  });

  describe("looking around and helping", () => {
    let prof: TerminalClient;
    before(async () => {
      await writeFile(join(server.home("ada"), "secret.py"), "# only on disk\n");
      prof = await attach("liskov", "attach ada --mode look");
      await prof.wait("Looking around at ada");
      await prof.wait("secret.py");
    });
    after(() => prof.close());

    it("has a cursor and a scroll position of one's own, and types nothing", async () => {
      ada.press("F3", "Ctrl-Home");
      prof.press("F3", "Ctrl-End");
      prof.type("typed while looking");
      await prof.wait("You are only watching.");
      prof.press("F5");
      await prof.wait("Only ada can do that.");
      prof.press("F4");
      prof.type("in the console");
      await prof.wait(/Only ada, or somebody who drives, can type/);
      ada.type("# still hers ");
      await ada.wait("# still hers");
      await prof.wait("# still hers");
      assert.ok(!ada.screen().some((row) => /typed while|in the console/.test(row)), ada.dump());
    });

    it("looks at a file that is not open there without opening it for her", async () => {
      prof.press("Ctrl-O");
      await prof.wait("Open a file");
      prof.type("secret.py\r");
      await prof.wait("# only on disk");
      assert.ok(!ada.screen()[1]?.includes("secret.py"), "a tab for it");
      prof.press("Alt-Left");
      await prof.wait("still hers");
      assert.ok(!ada.screen().some((row) => row.includes("only on disk")), ada.dump());
    });

    it("types together with her when it helps, and each undoes one's own", async () => {
      prof.press("F9");
      await prof.wait("Helping ada");
      await ada.wait("liskov is helping: you can both type.");
      prof.press("F3", "Ctrl-End", "Enter");
      prof.type("# from liskov");
      await ada.wait("# from liskov");
      ada.press("Ctrl-Home");
      ada.type("# from ada ");
      await prof.wait("# from ada");
      prof.press("Ctrl-Z", "Ctrl-Z", "Ctrl-Z");
      await ada.wait((screen) => !screen.some((row) => row.includes("from liskov")));
      await prof.wait("# from ada");
    });

    it("closes nothing of hers, and goes back to watching", async () => {
      prof.press("Ctrl-W");
      await prof.wait("Only ada can do that.");
      prof.press("F9");
      await prof.wait("You type for ada");
      prof.press("Ctrl-B");
      await prof.wait("Watching ada");
      prof.press("Ctrl-Q");
      assert.equal(await prof.exited, 0);
      // Both of them typed into it; what she saves then is in the trail by whose help.
      const { audit } = server.server.services;
      const last = async (): Promise<unknown> =>
        (await audit.list({ user: "ada", action: "session.detach" }))[0]?.detail;
      await eventually(async () => isDeepStrictEqual(await last(), { mode: "watch", edited: "/home/ada/welcome.py" }));
    });
  });

  it("refuses whoever may not, and what makes no sense, with a status for scripts", async () => {
    const answers = async (username: string, command: string): Promise<[number | null, string]> => {
      const { status, stderr } = await server.run(username, command);
      return [status, stderr.split("\n")[0] ?? ""];
    };
    assert.deepEqual(await answers("alan", "attach ada"), [3, 'classh: your role (student) does not allow "attach"']);
    assert.deepEqual(await answers("liskov", "attach ada"), [2, "classh: attach needs a terminal"]);
    assert.deepEqual(await answers("liskov", "attach"), [2, "classh: USER is missing"]);
    assert.deepEqual(await answers("liskov", "attach ada --mode rule"), [2, 'classh: there is no mode "rule"']);
    for (const [username, command, status, sentence] of [
      ["alan", "attach ada", 3, "your role (student) does not allow"],
      ["liskov", "attach nobody", 4, "there is no user"],
      ["liskov", "attach ad", 4, "there is no user"],
      ["liskov", "attach liskov", 3, "you can't attach to yourself"],
      ["tia", "attach ada", 3, "you don't teach ada"],
    ] as const) {
      await using client = await attach(username, command);
      await client.wait(sentence);
      assert.equal(await client.exited, status, `${username}: ${command}`);
    }
  });

  it("offers a student no way in the IDE either", async () => {
    await using alan = await server.connect("alan");
    await alan.wait("Welcome, alan!");
    alan.press("Ctrl-K", "Ctrl-W", "F9", "Ctrl-P");
    await alan.wait("All commands");
    alan.type("Attach");
    await alan.wait((screen) => !screen.some((row) => row.includes("Save and run")));
    assert.doesNotMatch(alan.dump(), /Attach to a student|Attach to whom|Class: everybody/);
    alan.press("Escape");
    await alan.wait((screen) => !screen.some((row) => row.includes("All commands")));
    alan.press("Ctrl-Q");
    assert.equal(await alan.exited, 0);
  });

  it("lets two professors see each other's sessions, which is no circle, and not type there", async () => {
    await server.add("curie", "professor");
    await using first = await server.connect("curie");
    await using second = await server.connect("liskov");
    await second.wait("Welcome, liskov!");
    await first.wait("Welcome, curie!");
    await using there = await attach("liskov", "attach curie");
    await using back = await attach("curie", "attach liskov");
    await there.wait("Watching curie");
    await back.wait("Watching liskov");
    first.press("F3");
    first.type("# curie's");
    await there.wait("# curie's");
    second.press("F3");
    second.type("# liskov's");
    await back.wait("# liskov's");
    there.press("F9", "F9");
    await there.wait("Watching curie");
    await using driving = await attach("liskov", "attach curie --mode drive");
    await driving.wait("you may only watch curie or look around");
    assert.equal(await driving.exited, 3);
    for (const client of [there, back]) client.press("Ctrl-Q");
    for (const client of [first, second]) {
      client.press("Ctrl-Q");
      await client.wait("not saved");
      client.type("d");
      assert.equal(await client.exited, 0);
    }
  });

  it("asks for a larger window at 20x5, and leaves from there", async () => {
    await using prof = await attach("liskov", "attach ada", { columns: 20, rows: 5 });
    await prof.wait(/too small|needs/);
    prof.press("Ctrl-Q");
    assert.equal(await prof.exited, 0);
  });

  it("goes there from one's own session and back, the session is kept, and a message is read on the way", async () => {
    await using prof = await server.connect("liskov");
    await prof.wait("Welcome, liskov!");
    prof.press("Ctrl-K", "Ctrl-W");
    await prof.wait("Attach to whom?");
    prof.type("ada\r");
    await prof.wait("Watching ada");
    assert.equal((await server.run("liskov", "session list")).stdout.match(/liskov +here/)?.length, 1);
    await using colleague = await attach("curie", "attach liskov");
    await colleague.wait("Watching liskov · elsewhere; waiting");
    assert.equal((await server.run("ada", "message liskov 'I am stuck'")).status, 0);
    await prof.wait("ada: I am stuck");
    await prof.wait("kept in your inbox");
    prof.press("Escape");
    await prof.wait("Welcome, liskov!");
    await prof.wait((screen) => !screen.some((row) => row.includes("Watching")));
    await prof.wait("✉ 1");
    await colleague.wait("Watching liskov · welcome.py");
    colleague.press("Ctrl-Q");
    assert.equal(await colleague.exited, 0);
    prof.press("Ctrl-Q");
    assert.equal(await prof.exited, 0);
  });

  it("ends a viewer's view when the viewer may not any more: disabled while driving, another section, another role", async () => {
    await server.add("ida", "admin");
    await server.add("noether", "professor");
    await server.add("dan", "student", "d");
    for (const command of ["section set d --staff tia", "user set noether --role admin"])
      assert.equal((await server.run("ida", command)).status, 0, command);
    await using dan = await server.connect("dan");
    await dan.wait("Welcome, dan!");
    await using prof = await attach("curie", "attach ada --mode drive");
    await prof.wait("You type for ada");
    await using assistant = await attach("tia", "attach dan");
    await assistant.wait("Watching dan");
    // An admin drives a professor; as a professor he is a colleague, who may only look.
    await using hopper = await server.connect("liskov");
    await hopper.wait("Welcome, liskov!");
    await using admin = await attach("noether", "attach liskov --mode drive");
    await admin.wait("You type for liskov");
    for (const command of ["user disable curie", "section set d --staff ''", "user set noether --role professor"])
      assert.equal((await server.run("ida", command)).status, 0, command);
    // Her connection ends too, and her terminal is left as it was found.
    // Whichever is first: who disables her ends her connection, and what she drives looks at her rights.
    await prof.wait(/account (was|is) disabled/);
    assert.ok(!prof.alternate(), prof.dump());
    await assistant.wait("you don't teach dan");
    await admin.wait("you may only watch liskov or look around");
    assert.ok([0, 3].includes((await prof.exited) ?? -1));
    assert.deepEqual(await Promise.all([assistant.exited, admin.exited]), [3, 3]);
    await ada.wait((screen) => !screen[0]?.includes("takes control back"));
    for (const client of [dan, hopper]) {
      client.press("Ctrl-Q");
      assert.equal(await client.exited, 0);
    }
  });

  it("is not for a student, however it is spelled", async () => {
    const spellings = [
      "ATTACH ada",
      "  attach   'ada'",
      "attach -- ada",
      "attach --mode=drive ada",
      "'attach ada'",
      "attach ada; attach ada",
    ];
    for (const command of spellings) {
      await using client = await attach("alan", command);
      await client.wait("classh: ");
      assert.notEqual(await client.exited, 0, command);
      assert.ok(!client.alternate(), command);
    }
    for (const subsystem of ["classh-attach"]) {
      const { args, env } = await server.ssh("alan");
      await using client = openTerminalClient("ssh", ["-s", ...args, subsystem], { env });
      assert.equal(await client.exited, 2, subsystem); // told in a sentence, as a wrong command
    }
    assert.ok(!ada.screen()[0]?.includes("viewer"), ada.dump());
  });

  it("waits while she is away, goes on when she resumes, and follows her to a new session", async () => {
    await using prof = await attach("liskov");
    await prof.wait("Watching ada");
    await ada.close();
    await prof.wait("away; waiting");
    ada = await server.connect("ada", { columns: 100, rows: 30 });
    await ada.wait("Resumed");
    await prof.wait(
      (screen) =>
        screen.some((row) => row.includes("Watching ada · welcome.py")) &&
        !screen.some((row) => row.includes("away; waiting")),
    );
    ada.press("Ctrl-Q");
    assert.equal(await ada.exited, 0);
    await prof.wait("ada has left; waiting.");
    ada = await server.connect("ada", { columns: 100, rows: 30 });
    await ada.wait("1 viewer");
    await prof.wait("Watching ada");
    prof.type("q");
    assert.equal(await prof.exited, 0);
  });
});
