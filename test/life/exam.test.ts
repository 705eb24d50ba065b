/** `exam.silentWatching`: who watches is not shown, and the first screen says so before anybody can watch. */
import assert from "node:assert/strict";
import { eventually } from "../support/eventually.ts";
import { testServer, type TestServer } from "../support/server.ts";

describe("an exam with silent watching", () => {
  let server: TestServer;
  before(async () => {
    server = await testServer({ "exam.silentWatching": true });
    await server.add("ada");
    await server.add("liskov", "professor");
  });
  after(() => server[Symbol.asyncDispose]());

  it("tells her at each login, shows watchers nothing before she has read it and nobody to her after, and writes them down", async () => {
    await using ada = await server.connect("ada");
    await ada.wait("Your teachers may watch your screen at any time");
    await using prof = await server.connect("liskov", { command: "attach ada", pty: true });
    await prof.wait("Watching ada · elsewhere; waiting");
    ada.press("Enter");
    await ada.wait("Welcome, ada!");
    await prof.wait("Welcome, ada!");
    ada.press("F3");
    ada.type("# alone? ");
    await prof.wait("# alone?");
    assert.doesNotMatch(ada.dump(), /viewer|watching/);
    const { audit } = server.server.services;
    await eventually(async () =>
      (await audit.list({ user: "ada" })).some(
        ({ action, actor }) => actor === "liskov" && action === "session.attach",
      ),
    );
    prof.type("h");
    await ada.wait("is helping: you can both type.");
    await ada.wait("1 viewer");
  });

  it("tells teachers nothing of the kind: they are not watched in silence", async () => {
    await using prof = await server.connect("liskov");
    await prof.wait("Welcome, liskov!");
    assert.doesNotMatch(prof.dump(), /exam/);
  });
});
