import { may } from "../../auth/roles.ts";
import { UserError } from "../../base/errors.ts";
import { answer, type Command } from "../command.ts";
import { helpFor, overview } from "../usage-text.ts";

/** The command `help`. A function, because it needs the table that contains it. */
export function helpCommand(commands: () => readonly Command[]): Command {
  return {
    name: "help",
    summary: "List the commands, or explain one",
    arguments: "[COMMAND...]",
    json: true,
    shape: "{ name: text, summary: text, arguments: text, options: any, shape: text | null }[]",
    beforePasswordChange: true,
    async run({ account }, input) {
      const name = input.arguments.join(" ");
      const allowed = commands().filter((command) => !command.permission || may(account.role, command.permission));
      const chosen = name
        ? allowed.filter((command) => command.name === name || command.name.startsWith(`${name} `))
        : allowed;
      if (chosen.length === 0)
        throw new UserError(
          "unknown-command",
          `there is no command "${name}" that you may use`,
          '"help" lists what you may do.',
        );
      const json = chosen.map(({ name, summary, arguments: words, options, shape }) => ({
        name,
        summary,
        arguments: words ?? "",
        options: options ?? {},
        shape: shape ?? null,
      }));
      if (!name)
        return answer(json, `${overview(chosen)}\nTo open the IDE, log in without a command: ssh -p PORT USER@HOST\n`);
      return answer(json, chosen.map(helpFor).join("\n"));
    },
  };
}
