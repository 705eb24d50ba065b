/** SSH between nodes: who gets through, and what travels on it. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import ssh2 from "ssh2";
import { systemClock } from "../../src/base/clock.ts";
import { UserError } from "../../src/base/errors.ts";
import { Emitter } from "../../src/base/events.ts";
import { FrameReader } from "../../src/base/frame-reader.ts";
import { silentLog } from "../../src/base/log.ts";
import { Scope } from "../../src/base/scope.ts";
import { Shares } from "../../src/base/shares.ts";
import { nodeFrameKind, nodeFrames, sendFrame } from "../../src/cluster/node-frames.ts";
import { relay, type RelayEnd } from "../../src/cluster/relay.ts";
import { RelayedTerminal } from "../../src/cluster/relayed-terminal.ts";
import { parseHello } from "../../src/cluster/hello.ts";
import { loadHostKey } from "../../src/ssh/host-keys.ts";
import { callNode } from "../../src/ssh/node-client.ts";
import { NodeServer, nodeUser } from "../../src/ssh/node-server.ts";
import { eventually } from "../support/eventually.ts";
import { createFakeTerminal, type FakeTerminal } from "../support/fake-terminal.ts";
import { runSshClient } from "../support/ssh-clients.ts";
import { testServer } from "../support/server.ts";

describe("between nodes", () => {
  let scope: Scope;
  let directory: string;
  let key: string;
  let other: string;
  let path: string;
  let server: NodeServer;
  const streams: { subsystem: string; stream: Duplex }[] = [];

  before(async () => {
    scope = new Scope("between nodes");
    directory = await mkdtemp(join(tmpdir(), "classh-nodes-"));
    scope.defer(() => rm(directory, { recursive: true, force: true }));
    key = (await loadHostKey(join(directory, "cluster-key"), "cluster key")).privateKey;
    other = (await loadHostKey(join(directory, "another-key"))).privateKey;
    path = join(directory, "node.sock");
    const onStream = (subsystem: string, stream: Duplex): void => void streams.push({ subsystem, stream });
    server = scope.own(new NodeServer({ key, onStream, log: silentLog, clock: systemClock }));
    await server.listen({ path });
  });
  after(() => scope.close());
  beforeEach(() => void (streams.length = 0));

  async function open(
    where: { path: string } | { host: string; port: number } = { path },
  ): Promise<{ near: Duplex; far: Duplex }> {
    const near = await callNode({ where, key, subsystem: "test" });
    await eventually(() => streams.length > 0);
    const far = streams[0]?.stream;
    assert.ok(far);
    return { near, far };
  }

  it("the socket and the key are for the server's account only", async () => {
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.equal((await stat(join(directory, "cluster-key"))).mode & 0o777, 0o600);
  });

  it("bytes travel both ways, over a socket and over TCP", async () => {
    const port = await server.listen({ host: "127.0.0.1", port: 0 });
    for (const where of [{ path }, { host: "127.0.0.1", port }]) {
      streams.length = 0;
      const { near, far } = await open(where);
      near.write("there");
      assert.equal(String((await once(far, "data"))[0]), "there");
      far.write("back");
      assert.equal(String((await once(near, "data"))[0]), "back");
      const closed = once(far, "close");
      near.destroy();
      far.resume();
      await closed;
    }
  });

  it("nobody gets through with another key, another name, a password, or none", async () => {
    const attempt = (options: ssh2.ConnectConfig): Promise<string> =>
      new Promise((resolve) => {
        const client = new ssh2.Client();
        client.once("ready", () => (client.end(), resolve("let in")));
        client.once("error", (error) => (client.end(), resolve(error.message)));
        void server
          .listen({ host: "127.0.0.1", port: 0 })
          .then((port) => client.connect({ host: "127.0.0.1", port, ...options }));
      });
    assert.equal(await attempt({ username: nodeUser, privateKey: key }), "let in", "or this test could not fail");
    assert.match(await attempt({ username: nodeUser, privateKey: other }), /authentication/);
    assert.match(await attempt({ username: "ada", privateKey: key }), /authentication/);
    assert.match(await attempt({ username: nodeUser, password: "password" }), /authentication/);
    assert.match(await attempt({ username: nodeUser }), /authentication/);
    assert.equal(streams.length, 0);
  });

  it("a caller tells nothing to a listener without the cluster's key", async () => {
    await using false_ = new NodeServer({
      key: other,
      onStream: () => assert.fail("a stream"),
      log: silentLog,
      clock: systemClock,
    });
    const place = join(directory, "false.sock");
    await false_.listen({ path: place });
    await assert.rejects(
      callNode({ where: { path: place }, key, subsystem: "test" }),
      (error: UserError) => error.code === "node-unreachable",
    );
  });

  it("a node that is not there is out of reach at once", async () => {
    const nowhere = { where: { path: join(directory, "nobody.sock") }, key, subsystem: "test" };
    await assert.rejects(callNode(nowhere), (error: UserError) => error.code === "node-unreachable");
  });

  it("the cluster's key logs nobody in at the front door", async () => {
    await using whole = await testServer();
    await whole.add("ada");
    for (const user of ["ada", nodeUser]) {
      const { port, fingerprint } = whole.server;
      const result = await runSshClient("openssh", {
        host: "127.0.0.1",
        port,
        fingerprint,
        user,
        keyFile: join(whole.data, "cluster-key"),
        command: "whoami",
      });
      assert.equal(result.status, 255);
    }
  });

  describe("a relayed terminal", () => {
    const opened: FakeTerminal[] = [];
    afterEach(() => {
      for (const person of opened.splice(0)) {
        person[Symbol.dispose]();
        assert.equal(person.listenerCount, 0);
      }
    });

    const who = { session: "abc", username: "ada", address: "10.0.0.9", knowsInitialPassword: true };

    /** The other node has taken the terminal. */
    const reading = (person: FakeTerminal): boolean => person.listenerCount >= 4;

    /** A person's terminal here, and what a screen on the other node has of it. */
    async function relayed(): Promise<{
      person: FakeTerminal;
      screen: RelayedTerminal;
      end: Promise<RelayEnd>;
      far: Duplex;
      dismiss: Emitter<string>;
    }> {
      const { near, far } = await open();
      const person = createFakeTerminal();
      opened.push(person);
      const dismiss = new Emitter<string>();
      const end = relay({ stream: near, terminal: person, who, onDismiss: dismiss.on, log: silentLog });
      const reader = new FrameReader(nodeFrames);
      const [chunk] = (await once(far, "data")) as [Buffer];
      const [frame] = reader.read(chunk);
      assert.equal(frame?.kind, nodeFrameKind.hello);
      const hello = parseHello(frame?.payload ?? Buffer.alloc(0));
      assert.ok(hello);
      const { session, username, address, knowsInitialPassword } = hello;
      assert.deepEqual({ session, username, address, knowsInitialPassword }, who);
      far.pause();
      sendFrame(far, nodeFrameKind.accepted);
      return {
        person,
        screen: new RelayedTerminal(far, reader, {
          hello,
          share: new Shares(systemClock).of(hello.username),
          log: silentLog,
        }),
        end,
        far,
        dismiss,
      };
    }

    it("has the person's TERM, environment and size, and follows the size", async () => {
      const { person, screen, end } = await relayed();
      assert.equal(screen.term, person.term);
      assert.deepEqual([...screen.env], [...person.env]);
      assert.deepEqual(screen.size, person.size);
      await eventually(() => reading(person));
      person.resizeTo(132, 43);
      await eventually(() => screen.size.columns === 132 && screen.size.rows === 43);
      screen.close(7);
      assert.deepEqual(await end, { kind: "closed", status: 7 });
    });

    it("counts what the person's own side has not taken, and drains when it has", async () => {
      const { person, screen, end } = await relayed();
      screen.write("x".repeat(1000));
      await eventually(() => screen.unacknowledged === 0);
      person.holdAcknowledgements();
      let drained = 0;
      screen.onDrain(() => (drained += 1));
      for (let i = 0; i < 5; i++) screen.write("y".repeat(50_000));
      await eventually(() => person.unacknowledged >= 250_000);
      assert.ok(screen.unacknowledged >= 150_000, `${screen.unacknowledged}`);
      assert.equal(drained, 0);
      person.acknowledge();
      await eventually(() => drained === 1 && screen.unacknowledged === 0);
      screen.close(0);
      await end;
    });

    it("keeps what is typed while a screen does not listen, and holds the person back", async () => {
      const { person, screen, end } = await relayed();
      await eventually(() => reading(person));
      person.input("before anybody listens ");
      let heard = "";
      screen.onInput((bytes) => (heard += bytes.toString()));
      await eventually(() => heard === "before anybody listens ");
      screen.pauseInput();
      await eventually(() => person.inputPaused);
      screen.resumeInput();
      await eventually(() => !person.inputPaused);
      person.input("after");
      await eventually(() => heard === "before anybody listens after");
      screen.close(0);
      await end;
    });

    it("ends on both sides, whichever breaks", async () => {
      const left = await relayed();
      let gone = 0;
      left.screen.onClose(() => (gone += 1));
      left.person.disconnect();
      assert.deepEqual(await left.end, { kind: "left" });
      await eventually(() => gone === 1 && left.screen.closed);

      streams.length = 0;
      const lost = await relayed();
      lost.far.destroy();
      assert.deepEqual(await lost.end, { kind: "lost" });
      assert.equal(lost.person.closed, false, "the person can be shown something else");
    });

    it("is given up when the other side talks nonsense", async () => {
      const { screen, far, end } = await relayed();
      far.write(Buffer.from([nodeFrameKind.output, 255, 255, 255, 255]));
      assert.deepEqual(await end, { kind: "lost" });
      await eventually(() => screen.closed);
    });

    it("tells the screen when the person's own node ends", async () => {
      const { screen, end, dismiss, person } = await relayed();
      await eventually(() => reading(person));
      let reason = "";
      screen.onDismiss((text) => {
        reason = text;
        screen.close(0);
      });
      dismiss.emit("going down");
      assert.deepEqual(await end, { kind: "closed", status: 0 });
      assert.equal(reason, "going down");
    });
  });
});
