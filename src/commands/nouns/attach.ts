/** `attach USER`: somebody's session on this terminal. */
import { isViewMode, viewModes } from "../../auth/attaching.ts";
import { UserError } from "../../base/errors.ts";
import type { Command } from "../command.ts";
import { taught } from "../reach.ts";

export const attach: Command = {
  name: "attach",
  summary: "See the session of somebody whom you teach, help there, or type there",
  arguments: "USER",
  permission: "attach",
  reach: taught,
  options: {
    mode: { type: "string", value: "MODE", doc: "watch (the default), look, help or drive" },
    write: { type: "boolean", doc: "the same as --mode help" },
  },
  details: `It needs a terminal:  ssh -t -p 2222 prof@host attach ada
watch: her screen as she sees it. look: around in her files, on a screen of your own. help: type in her files, together with her.
drive: type for her; she takes back with one key. F9 or Ctrl-B goes from one to the next, Ctrl-Q leaves.
She sees who attaches, and it is written to the audit trail. Teaching assistants attach to students of their own sections.`,
  async run({ show }, input) {
    const [username = ""] = input.arguments;
    const mode = input.text("mode") ?? (input.flag("write") ? "help" : "watch");
    if (!isViewMode(mode)) throw new UserError("usage", `there is no mode ${JSON.stringify(mode.slice(0, 40))}`, `The modes are ${viewModes.join(", ")}.`);
    if (!show) throw new UserError("no-terminal", "attach needs a terminal", `Connect with a terminal: ssh -t ... attach ${username.slice(0, 40)}`);
    return await show({ kind: "watch", username, mode });
  },
};
