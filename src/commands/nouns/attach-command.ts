/** `attach USER`: somebody's session on this terminal. */
import { isViewMode, viewModes } from "../../auth/attaching.ts";
import { UserError } from "../../base/errors.ts";
import type { Command } from "../command.ts";
import { taught } from "../reach.ts";

/** The command `attach`. */
export const attachCommand: Command = {
  name: "attach",
  summary: "Watch the session of somebody you teach, help there, or type for them",
  arguments: "USER",
  permission: "attach",
  reach: taught,
  options: {
    mode: { type: "string", value: "MODE", doc: "watch (the default), look, help or drive" },
    write: { type: "boolean", doc: "the same as --mode help" },
  },
  details: `It needs a terminal:  ssh -t -p 2222 prof@host attach ada
watch: see their screen as they see it. look: look around in their files, on a screen of your own. help: type in their files, \
together with them. drive: type for them, until they take control back with one key. F9 or Ctrl-B changes the mode, Ctrl-Q leaves.
They see who attaches, and the audit trail records it. Teaching assistants attach to students of their own sections.`,
  async run({ show }, input) {
    const [username = ""] = input.arguments;
    const mode = input.text("mode") ?? (input.flag("write") ? "help" : "watch");
    if (!isViewMode(mode))
      throw new UserError(
        "usage",
        `there is no mode ${JSON.stringify(mode.slice(0, 40))}`,
        `The modes are ${viewModes.join(", ")}.`,
      );
    if (!show)
      throw new UserError(
        "no-terminal",
        "attach needs a terminal",
        `Connect with a terminal: ssh -t ... attach ${username.slice(0, 40)}`,
      );
    return await show({ kind: "watch", username, mode });
  },
};
