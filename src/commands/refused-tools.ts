/**
 * Programs that people and their tools ask an SSH server to run. Each gets an answer that says what to do here instead.
 */
import { UserError } from "../base/errors.ts";

interface RefusedTool {
  readonly pattern: RegExp;
  readonly message: string;
  readonly hint: string;
}

/** The refused tools; the first match counts. The patterns see the whole line as it was sent. */
const refusedTools: readonly RefusedTool[] = [
  {
    pattern: /authorized_keys/, // ssh-copy-id's line is a script for sh
    message: "ssh-copy-id does not work here",
    hint: "Send the key itself: ssh ... key add < ~/.ssh/id_ed25519.pub",
  },
  {
    pattern: /^(\S*\/)?mosh-server\b/,
    message: "mosh does not work here",
    hint: "You don't need it: your session waits for you when the connection drops. Use ssh.",
  },
  {
    pattern: /^(\S*\/)?(tmux|screen)\b/,
    message: "there is no tmux or screen here",
    hint: "You don't need them: your session waits for you when the connection drops. Log in without a command.",
  },
  {
    pattern: /^(exec )?(\S*\/)?(ba|da|z|k|c|tc|fi)?sh\b|^(\S*\/)?(sudo|su)\b/,
    message: "there is no shell here",
    hint: 'Log in without a command to use the IDE, or run a program with "run FILE".',
  },
  {
    pattern: /^(\S*\/)?python[0-9.]*\b/,
    message: "you can't start Python directly here",
    hint: 'Log in without a command to use the IDE, or run a program with "run FILE".',
  },
  {
    pattern: /^(\S*\/)?(vi|vim|nvim|nano|emacs|ed)\b/,
    message: "there are no other editors here",
    hint: "Log in without a command: the IDE has its own.",
  },
  { pattern: /^subsystem /, message: "subsystems can't be used here", hint: '"help" lists what you can use.' },
];

/** Throws `unknown-command`, with what to do instead, for a line that calls one of these tools. */
export function refuseTool(line: string): void {
  const refused = refusedTools.find(({ pattern }) => pattern.test(line.trimStart()));
  if (refused) throw new UserError("unknown-command", refused.message, refused.hint);
}
