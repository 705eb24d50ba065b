/**
 * Theory of operation: the broker is a small process that starts and watches jails and does nothing else. Forking from
 * the server would stop everyone's screen for 20 ms and pass its descriptors on. The broker dies with the server (its
 * socket ends, and the kernel kills it by PR_SET_PDEATHSIG), and every jail dies with the broker in the same way, so no
 * student's program outlives the server, whatever ends it.
 *
 * Started as `node broker.js DIRECTORY STARTS`, where STARTS jails may start at a time, with the socket as descriptor 3
 * (see broker-client.ts).
 */
import { Socket } from "node:net";
import { FrameReader } from "../base/frame-reader.ts";
import { BrokerJail, removeLeftovers, type JailEvents } from "./broker/jail-process.ts";
import { DiskCounter } from "./broker/counter.ts";
import { endOrphans } from "./broker/ending.ts";
import { StartGate } from "./broker/start-gate.ts";
import { Together } from "./broker/together.ts";
import { brokerFrames, encodeFrame, encodeMessage, type BrokerFrame } from "./broker-frames.ts";
import { brokerFrameKind, type Request } from "./protocol.ts";

const [directory, starts] = process.argv.slice(2);
if (directory === undefined || starts === undefined)
  throw new Error("usage: broker DIRECTORY STARTS, with a socket as descriptor 3");

const server = new Socket({ fd: 3, readable: true, writable: true });
const jails = new Map<number, BrokerJail>();
/** The life of each jail, until its files and cgroups are removed. */
const stories = new Set<Promise<void>>();
const frames = new FrameReader(brokerFrames);
const counter = new DiskCounter();
const gate = new StartGate(Number(starts));
const together = new Together();

/** How long the last jails may take to end; the next broker removes what is left. */
const leaveMs = 2000;

server.on("data", (chunk: Buffer) => {
  for (const frame of frames.read(chunk)) accept(frame, directory);
});
// What an earlier broker left when it was killed.
void removeLeftovers(directory);
endOrphans();
server.on("error", leave);
server.on("close", leave);
// Neither comes from a terminal, since we have our own session; whoever sends them to all processes means the server.
process.on("SIGINT", () => undefined);
process.on("SIGHUP", () => undefined);

function accept(frame: BrokerFrame, directory: string): void {
  const jail = jails.get(frame.jail);
  if (frame.kind === brokerFrameKind.input) {
    jail?.input(frame.payload);
    return;
  }
  const request = JSON.parse(frame.payload.toString()) as Request;
  if (request.type === "start")
    start(
      frame.jail,
      new BrokerJail(
        `${process.pid}-${frame.jail}`,
        request,
        { directory, counter, gate, together },
        eventsOf(frame.jail),
      ),
    );
  else jail?.request(request); // a jail that has just ended needs no more requests
}

function start(id: number, jail: BrokerJail): void {
  jails.set(id, jail);
  const story = jail.run().finally(() => {
    jails.delete(id);
    stories.delete(story);
  });
  stories.add(story);
}

function eventsOf(id: number): JailEvents {
  return {
    notice: (notice) => server.write(encodeMessage(id, notice)),
    output: (stream, data) => server.write(encodeFrame(brokerFrameKind[stream], id, data)),
  };
}

/** Ends the broker: the server is gone, or no longer needs it. */
function leave(): void {
  for (const jail of jails.values()) jail.kill();
  setTimeout(() => process.exit(1), leaveMs);
  void Promise.allSettled(stories).then(() => process.exit(0));
}
