import { answer, type Command } from "../command.ts";
import { readText } from "../stdin.ts";
import { table } from "../table.ts";

const keyShape = "{ algorithm: text, fingerprint: text, comment: text, addedAt: time }";

const add: Command = {
  name: "key add",
  summary: "Add a public key from standard input, to log in without a password",
  json: true,
  shape: keyShape,
  details: `Takes the line of a public key file:
  ssh -p 2222 ada@host key add < ~/.ssh/id_ed25519.pub
ssh-ed25519, ecdsa and rsa (2048 bits and more) are taken.`,
  async run({ account, services, stdin, address }) {
    const key = await services.accounts.addKey(account.username, await readText(stdin, 64 * 1024));
    await services.audit.record({ actor: account.username, address, action: "key.add", subject: account.username, result: "ok", detail: { fingerprint: key.fingerprint } });
    return answer(describe(key), `Added ${key.algorithm} ${key.fingerprint} ${key.comment}\n`);
  },
};

const list: Command = {
  name: "key list",
  summary: "List your public keys",
  json: true,
  shape: `${keyShape}[]`,
  async run({ account, services }) {
    const keys = await services.accounts.keys(account.username);
    const rows = keys.map((key) => [key.algorithm, key.fingerprint, key.comment, key.addedAt.toISOString()]);
    return answer(keys.map(describe), table(["TYPE", "FINGERPRINT", "COMMENT", "ADDED"], rows, "You have no keys. Add one with: key add < ~/.ssh/id_ed25519.pub"));
  },
};

const remove: Command = {
  name: "key remove",
  summary: "Remove one of your public keys",
  arguments: "FINGERPRINT",
  json: true,
  shape: keyShape,
  async run({ account, services, address }, input) {
    const [fingerprint = ""] = input.arguments;
    const key = await services.accounts.removeKey(account.username, fingerprint);
    await services.audit.record({ actor: account.username, address, action: "key.remove", subject: account.username, result: "ok", detail: { fingerprint: key.fingerprint } });
    return answer(describe(key), `Removed ${key.algorithm} ${key.fingerprint} ${key.comment}\n`);
  },
};

interface PublicKey {
  readonly algorithm: string;
  readonly fingerprint: string;
  readonly comment: string;
  readonly addedAt: Date;
}

function describe(key: PublicKey): object {
  return { algorithm: key.algorithm, fingerprint: key.fingerprint, comment: key.comment, addedAt: key.addedAt.toISOString() };
}

export const key: readonly Command[] = [add, list, remove];
