/** node list|drain: the processes of the class, on this machine and on others. */
import { UserError } from "../../base/errors.ts";
import type { NodeRow } from "../../cluster/session-table.ts";
import { answer, type Command, type CommandContext } from "../command.ts";
import { fields, table } from "../table.ts";

const nodeShape = `{
  id: text, name: text, pid: number, state: "serving" | "draining", sessions: number, since: time, address: text | null, here: boolean
}`;

const list: Command = {
  name: "node list",
  summary: "List the processes that serve this class",
  permission: "status",
  json: true,
  shape: `${nodeShape}[]`,
  async run({ services }) {
    const nodes = await services.cluster.nodes();
    const own = services.cluster.node;
    const views = nodes.map((node) => view(node, own));
    const rows = views.map(({ name, pid, state, sessions, since, address, here }) => [
      here ? `${name} *` : name,
      String(pid),
      state,
      String(sessions),
      since,
      address ?? "this machine only",
    ]);
    return answer(
      views,
      table(["NODE", "PID", "STATE", "SESSIONS", "SINCE", "ADDRESS"], rows, "No process is serving this class."),
    );
  },
};

const drain: Command = {
  name: "node drain",
  summary: "Shut down a process cleanly: its people are told and their work is kept",
  arguments: "NODE",
  permission: "user.write",
  json: true,
  shape: nodeShape,
  details:
    "Its people can log in again at once, served by the others. A worker is replaced by a new one; a server on its own ends.",
  async run(context, input) {
    const { services, account, address } = context;
    const node = await find(context, input.arguments[0] ?? "");
    await services.audit.record({
      actor: account.username,
      address,
      action: "node.drain",
      subject: node.name,
      result: "ok",
    });
    await services.cluster.request(node, { kind: "drain" });
    return answer(
      view(node, services.cluster.node),
      fields([
        ["draining", node.name],
        ["sessions", String(node.sessions)],
      ]),
    );
  },
};

async function find({ services }: CommandContext, name: string): Promise<NodeRow> {
  const found = (await services.cluster.nodes()).filter(
    (node) => node.name === name || node.node === name || String(node.pid) === name,
  );
  const [node] = found;
  if (!node)
    throw new UserError(
      "node-not-found",
      `there is no node ${JSON.stringify(name.slice(0, 60))}`,
      '"node list" shows them.',
    );
  if (found.length > 1)
    throw new UserError(
      "usage",
      `several nodes are called ${name}`,
      `Use one of their ids: ${found.map((each) => each.node).join(", ")}.`,
    );
  return node;
}

function view({ node, name, pid, draining, sessions, startedAt, address }: NodeRow, own: string | undefined) {
  return {
    id: node,
    name,
    pid,
    state: draining ? "draining" : "serving",
    sessions,
    since: startedAt.toISOString(),
    address: address ?? null,
    here: node === own,
  };
}

/** The commands `node ...`. */
export const nodeCommands: readonly Command[] = [list, drain];
