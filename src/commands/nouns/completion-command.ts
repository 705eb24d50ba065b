import { UserError } from "../../base/errors.ts";
import { answer, type Command } from "../command.ts";
import { completionFor, shells } from "../shell-completion.ts";

/** The command `completion`. A function, because it needs the table that contains it. */
export function completionCommand(commands: () => readonly Command[]): Command {
  return {
    name: "completion",
    summary: "Print a completion script for bash or zsh",
    arguments: "SHELL",
    beforePasswordChange: true,
    details: `For bash:
  classh completion bash > ~/.local/share/bash-completion/completions/classh
For zsh, into a directory of $fpath:
  classh completion zsh > DIRECTORY/_classh
Over ssh the same, with:
  classh() { ssh -p 2222 admin@host "$@"; }`,
    async run(_context, input) {
      const shell = shells.find((each) => each === input.arguments[0]);
      if (!shell)
        throw new UserError(
          "usage",
          `there is no completion for ${JSON.stringify((input.arguments[0] ?? "").slice(0, 40))}`,
          `The shells are ${shells.join(" and ")}.`,
        );
      const text = completionFor(shell, commands());
      return answer(text, text);
    },
  };
}
