/** The shape of all settings. config/default.yaml holds the defaults, with a comment each; unknown keys are refused. */
import { z } from "zod";

const count = z.number().int().min(1);
const seconds = z.number().min(0.1);
/** Bound of workers; each is a process of 100 MB with its own connections to the database. */
export const maxWorkers = 64;

/** Whether this machine's ICU knows a name of the IANA time zone database. */
function isTimeZone(name: string): boolean {
  // Not the offsets that it also takes: programs would not know them.
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false; // RangeError
  }
}

const factor = z.number().min(0.01).max(1000);

/** What bounds one run. */
const runLimits = {
  runSeconds: seconds.max(3600),
  runMemoryMebibytes: z.number().int().min(32).max(65536),
  runProcesses: z.number().int().min(2).max(500),
  outputMebibytes: z.number().int().min(1),
};

/** The schema that settings are checked with. */
export const settingsSchema = z.strictObject({
  listen: z.string().regex(/^(\[[0-9a-fA-F:.]+\]|[^:\s]+):\d{1,5}$/, "HOST:PORT, for example 127.0.0.1:2222"),
  publicAddress: z
    .string()
    .max(260)
    .regex(/^((\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?)?$/, "HOST, HOST:PORT, or empty"),
  data: z.string().min(1),
  courseName: z.string().min(1).max(40),
  timeZone: z
    .string()
    .refine((name) => name === "" || isTimeZone(name), "the name of a time zone is needed, as Europe/Berlin or UTC"),
  initialPasswordChange: z.boolean(),
  database: z.strictObject({
    url: z.string(),
    binaries: z.string(),
    poolSize: count.max(100),
    statementTimeoutSeconds: seconds.max(600),
    retrySeconds: z.number().min(0).max(60),
  }),
  ssh: z.strictObject({
    banner: z.string().max(8192),
    loginGraceSeconds: seconds.max(600),
    maxAuthTries: count.max(100),
    maxStartups: z.strictObject({ start: count, ratePercent: z.number().min(0).max(100), full: count }),
    startupsPerAddress: count,
    startupsPerNetwork: count,
    introductionSeconds: seconds.max(600),
    connectionsPerMinute: count,
    maxSessionsPerConnection: count.max(100),
    keepaliveSeconds: seconds.max(3600),
    keepaliveCount: count.max(100),
    rekeyMebibytes: count,
    rekeyMinutes: z.number().min(0.01),
    trustedProxies: z.array(z.string()),
  }),
  accounts: z.strictObject({
    bcryptCost: z.number().int().min(4).max(15),
    passwordLength: z.number().int().min(8).max(72),
    freeFailures: count.max(100),
    maxDelaySeconds: seconds.max(3600),
  }),
  auth: z.strictObject({
    external: z.strictObject({
      command: z
        .array(z.string())
        .refine(
          ([program]) => program === undefined || program.startsWith("/"),
          "a list that begins with an absolute path, or empty",
        ),
      timeoutSeconds: seconds.max(60),
      requestsAtOnce: count.max(1000),
      createAccounts: z.boolean(),
      updateAccounts: z.boolean(),
      roles: z.array(z.enum(["student", "ta", "professor", "admin"])),
      instruction: z.string().max(1000),
      passwordHelp: z.string().max(500),
    }),
  }),
  audit: z.strictObject({
    keepDays: z.number().int().min(0).max(36_500),
  }),
  usage: z.strictObject({
    keepDays: z.number().int().min(0).max(36_500),
  }),
  limits: z.strictObject({
    ...runLimits,
    runThreads: z.number().int().min(2).max(4000),
    outputKibibytesPerSecond: z.number().int().min(16),
    course: z.strictObject(runLimits),
    runsPerMinute: count,
    runsAtOnce: count.max(1000),
    transfersAtOnce: count.max(100),
    transferIdleMinutes: z.number().min(0).max(1440),
    commandsPerMinute: count,
    fileOperationsPerMinute: count,
    messagesPerMinute: count,
    roleFactors: z.strictObject({ student: factor, ta: factor, professor: factor, admin: factor }),
    fileMebibytes: z.number().min(0.01).max(1024),
    workspaceMebibytes: count,
    workspaceEntries: z.number().int().min(100).max(10_000_000),
    folderDepth: count.max(100),
    folderEntries: count.max(100_000),
    sessions: count,
    openFiles: count.max(200),
    consoles: count.max(20),
  }),
  disk: z.strictObject({
    reserveMebibytes: z.number().int().min(0).max(1_048_576),
    reserveFileMebibytes: z.number().int().min(0).max(65_536),
    projectIds: z.string().regex(/^(\d{1,10}-\d{1,10})?$/, "FIRST-LAST, or empty"),
  }),
  backup: z.strictObject({
    directory: z.string().regex(/^(\/.*)?$/, "an absolute path, or empty"),
    daily: z.string().regex(/^(([01]\d|2[0-3]):[0-5]\d)?$/, "HH:MM, or empty"),
    keep: z.strictObject({ daily: z.number().int().min(1).max(3650), weekly: z.number().int().min(0).max(520) }),
    recipient: z.string().regex(/^(age1[0-9a-z]+|ssh-(ed25519|rsa) \S+.*)?$/, "a public key of age, or empty"),
  }),
  session: z.strictObject({
    keepMinutes: z.number().min(0).max(10_080),
    idleMinutes: z.number().min(0).max(10_080),
    maxAway: z.number().int().min(0).max(10_000),
    minMemoryMebibytes: z.number().int().min(0).max(1_048_576),
  }),
  classroom: z.strictObject({
    messageDays: z.number().min(0.01).max(3650),
    messagesKept: count.max(10_000),
    handHours: z.number().min(0.01).max(168),
  }),
  exam: z.strictObject({
    silentWatching: z.boolean(),
  }),
  locks: z.strictObject({
    leaseSeconds: seconds.min(2).max(300),
    takeOverSeconds: seconds.max(600),
  }),
  cluster: z.strictObject({
    workers: z.union(
      [z.literal("auto"), z.number().int().min(0).max(maxWorkers)],
      `auto, or a whole number 0 to ${maxWorkers}`,
    ),
    name: z
      .string()
      .max(60)
      .regex(/^[^\s\u0000-\u001f\u007f]*$/, "a name without spaces"),
    listen: z.string().regex(/^((\[[0-9a-fA-F:.]+\]|[^:\s]+):\d{1,5})?$/, "HOST:PORT, or empty"),
    advertise: z.string().max(255),
    keyFile: z.string(),
  }),
  runner: z.strictObject({
    python: z.string().startsWith("/", "an absolute path"),
    bubblewrap: z.string().startsWith("/", "an absolute path"),
    cgroups: z.enum(["auto", "off"]),
    jailUser: z.enum(["auto", "off"]),
    spareJails: z.boolean(),
    promptAfterError: z.boolean(),
    explain: z.boolean(),
  }),
  metrics: z.strictObject({
    listen: z
      .string()
      .regex(/^((\[[0-9a-fA-F:.]+\]|[^:\s]+):\d{1,5})?$/, "HOST:PORT, for example 127.0.0.1:9464, or empty"),
  }),
  log: z.strictObject({
    level: z.enum(["debug", "info", "warn", "error"]),
    file: z.string(),
  }),
});

/** All settings, checked. */
export type Settings = z.infer<typeof settingsSchema>;
