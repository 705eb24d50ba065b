import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { UserError } from "../../src/base/errors.ts";
import {
  defaultSettingsFile,
  environmentName,
  leaves,
  loadSettings,
  type SettingsSources,
} from "../../src/config/load.ts";

describe("settings", () => {
  let directory: string;
  before(() => void (directory = mkdtempSync(join(tmpdir(), "settings-"))));
  after(() => rmSync(directory, { recursive: true }));

  function load(sources: Partial<SettingsSources>, yaml?: string) {
    const file = yaml === undefined ? undefined : join(directory, "settings.yaml");
    if (file) writeFileSync(file, yaml ?? "");
    return loadSettings({ environment: {}, ...sources, ...(file ? { file } : {}) });
  }

  function refuses(sources: Partial<SettingsSources>, yaml: string | undefined, ...words: readonly RegExp[]): void {
    assert.throws(
      () => load(sources, yaml),
      (error: unknown) => {
        assert.ok(error instanceof UserError);
        for (const word of words) assert.match(`${error.message} ${error.hint ?? ""}`, word);
        return true;
      },
    );
  }

  it("come from default.yaml, which has a comment for each", () => {
    const settings = load({});
    assert.equal(settings.limits.runSeconds, 30);
    assert.equal(settings.limits.runMemoryMebibytes, 128);
    assert.equal(settings.limits.fileMebibytes, 10);
    assert.equal(settings.limits.workspaceMebibytes, 200);
    assert.equal(settings.limits.runsPerMinute, 10);
    assert.equal(settings.listen, "127.0.0.1:2222");
    const lines = readFileSync(defaultSettingsFile, "utf8").split("\n");
    const bare = lines.filter(
      (line, index) => /^\s*\w+: \S/.test(line) && !/^\s*#/.test(lines[index - 1] ?? "") && !/^ {4}/.test(line),
    );
    assert.deepEqual(bare, []);
  });

  it("are overridden by a file, the environment and flags, in this order", () => {
    const yaml = "limits:\n  runSeconds: 5\n  runsPerMinute: 6\nlisten: 127.0.0.1:1\n";
    const environment = { CLASSH_LIMITS_RUN_SECONDS: "7", CLASSH_LISTEN: "127.0.0.1:2" };
    const settings = load({ environment, flags: { listen: "127.0.0.1:3" } }, yaml);
    assert.equal(settings.limits.runsPerMinute, 6);
    assert.equal(settings.limits.runSeconds, 7);
    assert.equal(settings.listen, "127.0.0.1:3");
  });

  it("take DATABASE_URL and booleans as people write them", () => {
    const environment = { DATABASE_URL: "postgresql://db/x", CLASSH_INITIAL_PASSWORD_CHANGE: "off" };
    const settings = load({ environment });
    assert.equal(settings.database.url, "postgresql://db/x");
    assert.equal(settings.initialPasswordChange, false);
  });

  it("are understood by the names that they had before, from everywhere, and each is told of", () => {
    const told: string[] = [];
    const settings = load(
      { environment: { CLASSH_SESSION_LEAST_MEMORY_MEBIBYTES: "100" }, warn: (sentence) => told.push(sentence) },
      "session:\n  mostAway: 7\n",
    );
    assert.deepEqual([settings.session.maxAway, settings.session.minMemoryMebibytes], [7, 100]);
    assert.equal(told.length, 2);
    assert.match(told[0] ?? "", /session\.mostAway \(.*settings\.yaml\) is called session\.maxAway now/);
    assert.match(told[1] ?? "", /leastMemoryMebibytes \(environment variable CLASSH_SESSION_LEAST_MEMORY_MEBIBYTES\)/);
    refuses(
      { environment: { CLASSH_SESSION_MOST_AWAY: "many" } },
      undefined,
      /session\.maxAway/,
      /environment variable CLASSH_SESSION_MOST_AWAY/,
    );
  });

  it("take a number of workers, or auto, from everywhere", () => {
    assert.equal(load({}).cluster.workers, "auto");
    assert.equal(load({ environment: { CLASSH_CLUSTER_WORKERS: "3" } }).cluster.workers, 3);
    assert.equal(load({ flags: { "cluster.workers": 0 } }).cluster.workers, 0);
    refuses(
      { environment: { CLASSH_CLUSTER_WORKERS: "many" } },
      undefined,
      /cluster\.workers = "many"/,
      /auto, or a whole number 0 to 64/,
    );
    refuses({ flags: { "cluster.workers": 65 } }, undefined, /cluster\.workers = 65/, /<=64/);
  });

  it("have one environment name each", () => {
    const names = [...leaves(parse(readFileSync(defaultSettingsFile, "utf8"))).keys()].map(environmentName);
    assert.equal(new Set(names).size, names.length);
    assert.equal(environmentName("limits.runSeconds"), "CLASSH_LIMITS_RUN_SECONDS");
  });

  it("name an unknown key, where it is, and the nearest one", () => {
    refuses(
      {},
      "limits:\n  runSecond: 5\n",
      /limits\.runSecond /,
      /settings\.yaml/,
      /Did you mean limits\.runSeconds\?/,
    );
    refuses(
      { environment: { CLASSH_LIMITS_RUNSECONDS: "1" } },
      undefined,
      /CLASSH_LIMITS_RUNSECONDS/,
      /CLASSH_LIMITS_RUN_SECONDS/,
    );
  });

  it("name a bad value, its source and what is allowed", () => {
    refuses({}, "limits:\n  runSeconds: soon\n", /limits\.runSeconds = "soon"/, /settings\.yaml/, /number/);
    refuses({ environment: { CLASSH_LIMITS_RUN_SECONDS: "-3" } }, undefined, /-3/, /CLASSH_LIMITS_RUN_SECONDS/, /0\.1/);
    refuses({ flags: { listen: "nowhere" } }, undefined, /"nowhere"/, /flag --listen/, /HOST:PORT/);
    refuses({}, "limits: 3\n", /limits/);
  });

  it("take the name of a time zone, or none for the machine's", () => {
    for (const timeZone of ["", "UTC", "Europe/Berlin", "America/Argentina/Ushuaia"])
      assert.equal(load({ flags: { timeZone } }).timeZone, timeZone);
    for (const timeZone of ["Berlin", "../UTC", "+01:00", "Europe/Berlin\n"])
      refuses({ flags: { timeZone } }, undefined, /timeZone/, /Europe\/Berlin or UTC/);
  });

  it("say when a file is missing or not YAML", () => {
    refuses({ file: join(directory, "missing.yaml") }, undefined, /missing\.yaml can't be read/, /--config/);
    refuses({}, "a: [", /not valid YAML/);
    refuses({}, "- 1\n", /key: value/);
  });
});
