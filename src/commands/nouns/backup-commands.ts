/** backup create|list|verify|restore|prune. A whole server is restored without one that runs: server/restore-command.ts. */
import { mkdtemp, rm } from "node:fs/promises";
import { basename, isAbsolute, join } from "node:path";
import { timeText } from "../../base/time-text.ts";
import { counted } from "../../base/counted.ts";
import { exitStatus, UserError } from "../../base/errors.ts";
import { plainArchive } from "../../backup/create.ts";
import { openFilesOf } from "../../backup/restore.ts";
import { listBackups, pruneBackups, type StoredBackup } from "../../backup/store.ts";
import { verifyBackup } from "../../backup/verify.ts";
import { jailSpecFor } from "../../session/jail-spec-for.ts";
import { homePath } from "../../workspace/paths.ts";
import { shownSize } from "../../workspace/rules.ts";
import { answer, type Command, type CommandContext, type Input, type Option } from "../command.ts";
import { dryRunOption } from "../people.ts";
import { table } from "../table.ts";
import { Collected, requireDone, runTar } from "../transfer/archive.ts";

const identityOption: Option = {
  type: "string",
  value: "FILE",
  doc: "the file on the server with age's private key, for an encrypted backup",
};

const backupShape = "{ name: text, file: text, madeAt: time, bytes: bytes, encrypted: boolean }";

const create: Command = {
  name: "backup create",
  summary: "Make a backup of everything now, while people work",
  permission: "backup",
  json: true,
  shape: "{ file: text, bytes: bytes, rows: number, entries: number }",
  details: "It goes to backup.directory, encrypted if backup.recipient is set. docs/admin.md says what is in it.",
  async run({ account, address, services }) {
    const { file, bytes, manifest } = await services.backups.create();
    await services.audit.record({
      actor: account.username,
      address,
      action: "backup.create",
      result: "ok",
      detail: { file: basename(file), bytes },
    });
    const rows = manifest.database.tables.reduce((sum, one) => sum + one.rows, 0);
    const text = `Made ${file}: ${shownSize(bytes)}, ${counted(rows, "row")}, ${counted(manifest.entries, "file")}.\n`;
    return answer({ file, bytes, rows, entries: manifest.entries }, text);
  },
};

const list: Command = {
  name: "backup list",
  summary: "List the backups, the newest first",
  permission: "backup",
  json: true,
  shape: `{ backups: ${backupShape}[], trouble: text | null }`,
  async run({ services }) {
    const found = await listBackups(services.backups.directory);
    const trouble = (await services.backups.trouble()) ?? null;
    const rows = found.map(({ name, madeAt, bytes, encrypted }) => [
      name,
      timeText(madeAt),
      shownSize(bytes),
      encrypted ? "yes" : "",
    ]);
    const text = table(["NAME", "MADE", "SIZE", "ENCRYPTED"], rows, "There are no backups.");
    return answer(
      { backups: found.map(view), trouble },
      `${text}${trouble === null ? "" : `\nAttention: ${trouble}.\n`}`,
    );
  },
};

function view({ name, file, madeAt, bytes, encrypted }: StoredBackup): object {
  return { name, file, madeAt: madeAt.toISOString(), bytes, encrypted };
}

/** The file of a backup: by its name in the directory, or any on the server by its path. */
function fileOf({ services }: CommandContext, input: Input): string {
  const [name = ""] = input.arguments;
  return isAbsolute(name) ? name : join(services.backups.directory, basename(name));
}

const verify: Command = {
  name: "backup verify",
  summary: "Read a backup back, all of it, and compare it with its checksums",
  arguments: "NAME",
  options: { identity: identityOption },
  permission: "backup",
  json: true,
  shape: "{ file: text, good: boolean, version: text, madeAt: time, problems: text[] }",
  details: "NAME as in backup list, or a path on the server. Exit status 0 when it is good, 1 when it is damaged.",
  async run(context, input) {
    const file = fileOf(context, input);
    const scratch = await mkdtemp(join(context.services.backups.directory, "verifying-"));
    try {
      const plain = await plainArchive(file, input.text("identity"), join(scratch, "plain.tar"));
      const { manifest, problems } = await verifyBackup(plain);
      const good = problems.length === 0;
      const text = good
        ? `${file} is good: classh ${manifest.version}, ${timeText(new Date(manifest.madeAt))}, ${counted(manifest.entries, "file")}.\n`
        : `${file} is damaged:\n${problems.map((problem) => `  ${problem}\n`).join("")}`;
      const { version, madeAt } = manifest;
      return answer({ file, good, version, madeAt, problems }, text, good ? exitStatus.done : exitStatus.failed);
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  },
};

const restore: Command = {
  name: "backup restore",
  summary: "Bring one person's files back from a backup, into a folder of their home",
  arguments: "NAME",
  options: {
    only: { type: "string", value: "USER", doc: "whose files" },
    identity: identityOption,
  },
  permission: "backup",
  json: true,
  shape: "{ username: text, folder: text }",
  details: `They go into a new folder, restored-DATE, and nothing is replaced.
A whole server is restored on the server, into a new directory, while it does not run:
  bin/classh --data NEWDIR backup restore /backups/classh-20261130T023000Z.tar
  bin/start --data NEWDIR`,
  async run(context, input) {
    const { account, address, services } = context;
    const username = input.text("only");
    if (username === undefined)
      throw new UserError(
        "usage",
        "whose files?",
        "Name somebody with --only USER; help backup restore tells how a whole server is restored.",
      );
    const person = await services.accounts.get(username);
    const file = fileOf(context, input);
    await using files = await openFilesOf(
      { file, identity: input.text("identity"), directory: services.backups.directory },
      person.username,
    );
    const folder = `restored-${new Date(services.clock.now()).toISOString().slice(0, 19).replaceAll(":", "")}`;
    await services.workspaces.ensureHome(person.username);
    await services.workspaces.for(person).createDirectory(`${homePath(person.username)}/${folder}`);
    const told = new Collected(1 << 20);
    const spec = jailSpecFor(services.workspaces, services.settings.limits, person);
    const words = ["-x", "--no-same-owner", "-C", `${homePath(person.username)}/${folder}`, "-f", "-"];
    requireDone(await runTar(context, spec, words, { stdin: files.archive, stderr: told }), told.text);
    await services.audit.record({
      actor: account.username,
      address,
      action: "backup.restore",
      subject: person.username,
      result: "ok",
      detail: { file: basename(file), folder },
    });
    return answer(
      { username: person.username, folder },
      `The files of ${person.username} are in their folder ${folder}.\n`,
    );
  },
};

const prune: Command = {
  name: "backup prune",
  summary: "Remove backups that backup.keep does not keep; the newest always stays",
  options: { "dry-run": dryRunOption },
  permission: "backup",
  json: true,
  shape: `{ dryRun: boolean, removed: ${backupShape}[] }`,
  async run({ account, address, services }, input) {
    const dryRun = input.flag("dry-run");
    const removed = await pruneBackups(services.backups.directory, services.settings.backup.keep, dryRun);
    if (!dryRun && removed.length > 0)
      await services.audit.record({
        actor: account.username,
        address,
        action: "backup.prune",
        result: "ok",
        detail: { removed: removed.length },
      });
    const words = removed.map(({ name }) => `${dryRun ? "Would remove" : "Removed"} ${name}\n`).join("");
    return answer({ dryRun, removed: removed.map(view) }, words || "Nothing to remove.\n");
  },
};

/** The commands. */
export const backupCommands: readonly Command[] = [create, list, verify, restore, prune];
