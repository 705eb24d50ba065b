/** How the tests of roles and of documents try each command. A new command is added here. */

export interface Try {
  /** The line that every role tries. "@" is the person whom it is about. It must do no lasting harm, also when it is allowed. */
  readonly line: string;
  /** Standard input of both lines. */
  readonly stdin?: string;
  /** What has to be done before each line, and by whom. */
  readonly before?: readonly (readonly [user: string, line: string])[];
  /** The line whose document is compared with the command's shape; `line` about ada when not given. */
  readonly sample?: string;
  /** Who asks for that document; boss, an admin, when not given. */
  readonly by?: string;
  /** The action that stands in the audit trail after `sample`, for a command that changes something. */
  readonly writes?: string;
  /** Something else in `line`'s place holds whom the command may be about: it needs a terminal. */
  readonly reachHeldBy?: string;
}

const handsUp = [
  ["ada", "hand raise help"],
  ["grace", "hand raise help"],
] as const;

export const tries: Readonly<Record<string, Try>> = {
  help: { line: "help" },
  whoami: { line: "whoami" },
  version: { line: "version" },
  status: { line: "status" },
  doctor: { line: "doctor" },
  metrics: { line: "metrics" },
  passwd: { line: "passwd" },
  "key add": { line: "key add", stdin: "none", sample: "key add", writes: "key.add" },
  "key list": { line: "key list" },
  "key remove": {
    line: "key remove SHA256:none",
    sample: "key remove SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU",
    writes: "key.remove",
  },
  run: { line: "run none.py" },
  distribute: {
    line: "distribute none --section A",
    sample: "distribute welcome.py --section A --to Homework",
    by: "prof",
    writes: "file.distribute",
  },
  collect: { line: "collect none --section A" },
  "user export-files": { line: "user export-files @" },
  "course put": { line: "course put Nowhere/x", sample: "course put Tests/put.txt", writes: "file.course-put" },
  "assignment new": { line: "assignment new Bad!", sample: "assignment new hw1", writes: "assignment.new" },
  "assignment check": {
    line: "assignment check none",
    before: [["boss", "assignment new sample"]],
    sample: "assignment check sample",
  },
  "backup create": { line: "backup create" },
  "backup list": { line: "backup list" },
  "backup verify": { line: "backup verify none" },
  "backup restore": { line: "backup restore none --only ada" },
  "backup prune": { line: "backup prune --dry-run" },
  "user add": { line: "user add Bad!", sample: "user add fresh --section A", writes: "user.add" },
  "user list": { line: "user list" },
  "user show": { line: "user show @" },
  "user set": { line: "user set @ --section A", sample: "user set alan --name Alan", writes: "user.set" },
  "user reset-password": {
    line: "user reset-password @ --dry-run",
    sample: "user reset-password alan",
    writes: "user.reset-password",
  },
  "user disable": { line: "user disable @ --dry-run", sample: "user disable alan", writes: "user.disable" },
  "user enable": { line: "user enable @ --dry-run", sample: "user enable alan", writes: "user.enable" },
  "user lock": { line: "user lock @ --dry-run", sample: "user lock alan", writes: "user.disable" },
  "user unlock": { line: "user unlock @ --dry-run", sample: "user unlock alan", writes: "user.enable" },
  "user remove": { line: "user remove @ --dry-run", sample: "user remove leaver", writes: "user.remove" },
  "user rename": {
    line: "user rename @ newname --dry-run",
    sample: "user rename fresh fresher",
    writes: "user.rename",
  },
  "user import": {
    line: "user import - --dry-run",
    stdin: "username,name\nnewone,New One\nalan,Alan T.\nBad!,Bad\n",
    sample: "user import - --skip-bad",
    writes: "user.add",
  },
  "user export": { line: "user export" },
  "section list": { line: "section list" },
  "section add": { line: "section add A", sample: "section add C --title Third", writes: "section.add" },
  "section set": {
    line: "section set nothing --title X",
    sample: "section set A --title First",
    writes: "section.set",
  },
  "section remove": { line: "section remove nothing", sample: "section remove D", writes: "section.remove" },
  "session list": { line: "session list" },
  "session show": { line: "session show @" },
  "session kick": { line: "session kick nobody", sample: "session kick grace", writes: "session.kick" },
  attach: { line: "attach @", reachHeldBy: "test/life/attach.test.ts" },
  class: { line: "class", reachHeldBy: "test/auth/teaching.test.ts" },
  usage: { line: "usage" },
  "class list": { line: "class list --offline", before: handsUp },
  "hand raise": { line: "hand raise help", sample: "hand raise help", by: "ada", writes: "hand.raise" },
  "hand lower": { line: "hand lower", before: handsUp, by: "ada", writes: "hand.lower" },
  "hand list": { line: "hand list", before: handsUp },
  "hand claim": { line: "hand claim @", before: handsUp, writes: "hand.claim" },
  "hand close": { line: "hand close @", before: handsUp, writes: "hand.close" },
  message: { line: "message @ hello", writes: "message.send" },
  "session message": { line: "session message @ hello", writes: "message.send" },
  broadcast: { line: "broadcast hello", sample: "broadcast hello", writes: "broadcast" },
  inbox: { line: "inbox", before: [["boss", "message ada hello"]], by: "ada" },
  "node list": { line: "node list" },
  "node drain": { line: "node drain nothing" },
  "lock list": { line: "lock list" },
  "lock release": { line: "lock release edit:/nothing" },
  "limit list": { line: "limit list" },
  "limit show": { line: "limit show welcome.py", by: "ada" },
  "limit reset": { line: "limit reset @", writes: "limit.reset" },
  "audit list": { line: "audit list --limit 20" },
  "audit verify": { line: "audit verify" },
  "log follow": { line: "log follow --level none" },
  completion: { line: "completion bash" },
};

/** Commands whose document can't be had in a test without ending the server under it: what is missing, and who compares it. */
export const withoutSample: Readonly<Record<string, string>> = {
  "node drain": "it ends the server; its document is a row of node list",
  "lock release": "test/locks/commands.test.ts has its document, a row of lock list",
  "backup create": "needs backup.directory: test/life/backup.test.ts",
  "backup list": "needs backup.directory: test/life/backup.test.ts",
  "backup verify": "needs backup.directory: test/life/backup.test.ts",
  "backup restore": "needs backup.directory: test/life/backup.test.ts",
  "backup prune": "needs backup.directory: test/life/backup.test.ts",
};

/** Commands that change nothing that anybody else could ask about later. */
export const readsOnly = new Set([
  "assignment check",
  "help",
  "whoami",
  "version",
  "status",
  "doctor",
  "metrics",
  "key list",
  "user list",
  "user show",
  "user export",
  "backup list",
  "backup verify",
  "section list",
  "session list",
  "session show",
  "class",
  "class list",
  "usage",
  "hand list",
  "inbox",
  "node list",
  "lock list",
  "limit list",
  "limit show",
  "audit list",
  "audit verify",
  "log follow",
  "completion",
]);

/** Commands that change something, whose entry another test looks for. */
export const auditedElsewhere: Readonly<Record<string, string>> = {
  passwd: "below: leaves no word of a secret",
  run: "a run changes only what the person's own programs change",
  attach: "test/scripts/a-term.txt",
  "node drain": "test/cluster/workers.test.ts: at the drain of a worker",
  "lock release": "test/locks/commands.test.ts",
  "backup create": "test/life/backup.test.ts",
  "backup restore": "test/life/backup.test.ts",
  "backup prune": "test/life/backup.test.ts",
  collect: "test/life/many-files.test.ts",
  "user export-files": "test/life/many-files.test.ts",
};
