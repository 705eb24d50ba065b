import { UserError } from "../../base/errors.ts";
import { answer, type Command } from "../command.ts";
import { requireOwn } from "../people.ts";
import { shutOut } from "../shut-out.ts";
import { readLines } from "../stdin.ts";

/** The command `passwd`. */
export const passwdCommand: Command = {
  name: "passwd",
  summary: "Change your password",
  options: {
    "end-sessions": {
      type: "boolean",
      doc: "end everything else that is open in your name: sessions and connections, everywhere",
    },
  },
  beforePasswordChange: true,
  details: `Reads three lines from standard input: the old password, the new one, and the new one again.
In the IDE, press Ctrl-P and choose "Change your password".`,
  async run(context, input) {
    requireOwn("password", context);
    const { account, services, stdin, stderr, terminal, address } = context;
    services.accounts.refusePasswordElsewhere(account);
    if (terminal) stderr.write("Old password, new password, new password again (one line each; nothing is shown):\r\n");
    const [old, fresh, again] = await readLines(stdin, 3);
    if (old === undefined || fresh === undefined || again === undefined) {
      throw new UserError(
        "usage",
        "three lines are needed on standard input",
        "They are the old password, the new one, and the new one again.",
      );
    }
    if (fresh !== again)
      throw new UserError("bad-password", "the two new passwords are not the same", "Nothing was changed. Try again.");
    await services.accounts.setPassword(account.username, fresh, { old });
    await services.audit.record({
      actor: account.username,
      address,
      action: "password.change",
      subject: account.username,
      result: "ok",
    });
    if (!input.flag("end-sessions")) return answer({}, "Your password has been changed.\n");
    await shutOut(
      context,
      [account.username],
      "Your password was changed and your other sessions were ended. Your work is kept.",
    );
    return answer({}, "Your password has been changed and your other sessions have ended.\n");
  },
};
