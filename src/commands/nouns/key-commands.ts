import { timeText } from "../../base/time-text.ts";
import { may } from "../../auth/roles.ts";
import { UserError } from "../../base/errors.ts";
import { answer, type Command, type CommandContext } from "../command.ts";
import { requireOwn } from "../people.ts";
import { shutOut } from "../shut-out.ts";
import { readText } from "../stdin.ts";
import { table } from "../table.ts";

const keyShape = "{ algorithm: text, fingerprint: text, comment: text, addedAt: time }";

const add: Command = {
  name: "key add",
  summary: "Add a public key, read from standard input, to log in without a password",
  json: true,
  shape: keyShape,
  details: `Takes the line of a public key file:
  ssh -p 2222 ada@host key add < ~/.ssh/id_ed25519.pub
ssh-ed25519, ecdsa and rsa (2048 bits and more) are taken.`,
  async run(context) {
    requireOwn("keys", context);
    const { account, services, stdin, address } = context;
    const key = await services.accounts.addKey(account.username, await readText(stdin, 64 * 1024));
    await services.audit.record({
      actor: account.username,
      address,
      action: "key.add",
      subject: account.username,
      result: "ok",
      detail: { fingerprint: key.fingerprint },
    });
    return answer(describe(key), `Added ${key.algorithm} ${key.fingerprint} ${key.comment}\n`);
  },
};

const list: Command = {
  name: "key list",
  summary: "List your public keys; admins can list those of others",
  arguments: "[USER]",
  json: true,
  shape: `${keyShape}[]`,
  async run(context, input) {
    const { account, services } = context;
    const username = ownerOf(context, input.arguments[0]);
    const keys = await services.accounts.keys(username);
    const rows = keys.map((key) => [key.algorithm, key.fingerprint, key.comment, timeText(key.addedAt)]);
    return answer(
      keys.map(describe),
      table(
        ["TYPE", "FINGERPRINT", "COMMENT", "ADDED"],
        rows,
        username === account.username
          ? "You have no keys. To add one: key add < ~/.ssh/id_ed25519.pub"
          : `There are no keys of ${username}.`,
      ),
    );
  },
};

const remove: Command = {
  name: "key remove",
  summary: "Remove one of your public keys; admins can remove those of others",
  arguments: "FINGERPRINT [USER]",
  json: true,
  shape: keyShape,
  details: `FINGERPRINT is what "key list" shows, or the key's number there. When an admin removes somebody's key, everything that is open in \
that name ends: whoever has the key may be logged in. To remove all keys at once: user reset-password USER`,
  async run(context, input) {
    const { account, services, address } = context;
    const [fingerprint = "", other] = input.arguments;
    const username = ownerOf(context, other);
    const key = await services.accounts.removeKey(username, fingerprint);
    if (username !== account.username)
      await shutOut(
        context,
        [username],
        "An admin removed a public key of yours. Your work is kept; you can log in again.",
      );
    await services.audit.record({
      actor: account.username,
      address,
      action: "key.remove",
      subject: username,
      result: "ok",
      detail: { fingerprint: key.fingerprint },
    });
    return answer(describe(key), `Removed ${key.algorithm} ${key.fingerprint} ${key.comment}\n`);
  },
};

/** The account whose keys are meant. Throws `not-permitted` for another one unless the caller is an admin. */
function ownerOf(context: CommandContext, username = context.account.username): string {
  const { account } = context;
  if (username === account.username) requireOwn("keys", context);
  if (username === account.username || may(account.role, "user.write")) return username;
  throw new UserError(
    "not-permitted",
    "only admins can see and remove other people's keys",
    '"user reset-password" removes all keys of a student.',
  );
}

interface PublicKey {
  readonly algorithm: string;
  readonly fingerprint: string;
  readonly comment: string;
  readonly addedAt: Date;
}

function describe(key: PublicKey): object {
  return {
    algorithm: key.algorithm,
    fingerprint: key.fingerprint,
    comment: key.comment,
    addedAt: key.addedAt.toISOString(),
  };
}

/** The commands `key ...`. */
export const keyCommands: readonly Command[] = [add, list, remove];
