import { UserError } from "../../base/errors.ts";
import { answer, type Command } from "../command.ts";
import { readLines } from "../stdin.ts";

export const passwd: Command = {
  name: "passwd",
  summary: "Change your password",
  beforePasswordChange: true,
  details: `Reads three lines from standard input: the old password, the new one, and the new one again.
In the IDE: Ctrl-P, "Change your password".`,
  async run({ account, services, stdin, stderr, terminal, address }) {
    if (terminal) stderr.write("Old password, new password, new password again (a line each; nothing is shown):\r\n");
    const [old, fresh, again] = await readLines(stdin, 3);
    if (old === undefined || fresh === undefined || again === undefined) {
      throw new UserError("usage", "three lines are needed on standard input", "The old password, the new one, and the new one again.");
    }
    if (fresh !== again) throw new UserError("bad-password", "the two new passwords differ", "Try again; nothing was changed.");
    await services.accounts.setPassword(account.username, fresh, { old });
    await services.audit.record({ actor: account.username, address, action: "password.change", subject: account.username, result: "ok" });
    return answer({}, "Your password is changed.\n");
  },
};
