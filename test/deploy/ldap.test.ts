/** The login program for LDAP (deploy/ldap), with Debian's slapd and logins over ssh. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Scope } from "../../src/base/scope.ts";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/free-port.ts";
import { newKeyPair } from "../support/key-pair.ts";
import { testServer, type TestServer } from "../support/server.ts";
import { clientHome, runSshClient } from "../support/ssh-clients.ts";

const deploy = fileURLToPath(new URL("../../deploy/ldap", import.meta.url));
const suffix = "dc=school,dc=example";
const adasKey = newKeyPair();

/** People: name, password, section. Some names mean something to a search filter, a DN or LDIF. */
const people = [
  ["ada", "engine no. 1 äöü", "A"],
  ["mary", 'quo"te \\ $(touch x)', "B"],
  ["tutor", "tutor-password", "A"],
  ["teacher", "teacher-password", ""],
] as const;

function ldif(): string {
  const entries = [
    `dn: ${suffix}\nobjectClass: domain\ndc: school`,
    ...["people", "groups", "services"].map(
      (ou) => `dn: ou=${ou},${suffix}\nobjectClass: organizationalUnit\nou: ${ou}`,
    ),
    `dn: cn=classh,ou=services,${suffix}\nobjectClass: person\ncn: classh\nsn: classh\nuserPassword: service-secret`,
    ...people.map(([uid, password, section]) =>
      [
        `dn: uid=${uid},ou=people,${suffix}`,
        "objectClass: inetOrgPerson",
        `uid: ${uid}`,
        `cn:: ${Buffer.from(`Dr. ${uid} Ünal`).toString("base64")}`,
        `sn: ${uid}`,
        `mail: ${uid}@school.example`,
        ...(section ? [`departmentNumber: ${section}`] : []),
        ...(uid === "ada" ? [`labeledURI: ${adasKey.public.trim()} ada@laptop`] : []),
        `userPassword:: ${Buffer.from(password).toString("base64")}`,
      ].join("\n"),
    ),
    ...[
      ["assistants", "tutor"],
      ["teachers", "teacher"],
    ].map(
      ([cn, uid]) =>
        `dn: cn=${cn},ou=groups,${suffix}\nobjectClass: groupOfNames\ncn: ${cn}\nmember: uid=${uid},ou=people,${suffix}`,
    ),
  ];
  return `${entries.join("\n\n")}\n`;
}

/** Starts a directory of `people`; the function that is returned ends it. */
async function startSlapd(directory: string, port: number): Promise<() => Promise<void>> {
  const conf = join(directory, "slapd.conf");
  await mkdir(join(directory, "db"), { recursive: true });
  const lines = [
    ...["core", "cosine", "inetorgperson"].map((name) => `include /etc/ldap/schema/${name}.schema`),
    "modulepath /usr/lib/ldap",
    "moduleload back_mdb",
    "database mdb",
    "maxsize 16777216",
    `suffix "${suffix}"`,
    `directory ${join(directory, "db")}`,
    "access to attrs=userPassword by anonymous auth by * none",
    `access to * by dn.exact="cn=classh,ou=services,${suffix}" read by * none`,
  ];
  await writeFile(conf, `${lines.join("\n")}\n`);
  const added = spawnSync("/usr/sbin/slapadd", ["-f", conf], { input: ldif(), encoding: "utf8" });
  assert.equal(added.status, 0, added.stderr);
  return await runSlapd(conf, port);
}

async function runSlapd(conf: string, port: number): Promise<() => Promise<void>> {
  const child = spawn("/usr/sbin/slapd", ["-h", `ldap://127.0.0.1:${port}`, "-f", conf, "-d", "0"], {
    stdio: "ignore",
  });
  const gone = once(child, "exit");
  await eventually(() => {
    assert.equal(child.exitCode, null, "slapd ended");
    return spawnSync("ldapwhoami", ["-x", "-H", `ldap://127.0.0.1:${port}`]).status === 0;
  });
  return async () => {
    child.kill();
    await gone;
  };
}

describe("the login program for LDAP", () => {
  let scope: Scope;
  let server: TestServer;
  let directory: string;
  let port: number;
  let stop: () => Promise<void>;

  before(async () => {
    scope = new Scope("ldap");
    directory = await mkdtemp(join(tmpdir(), "ldap-"));
    scope.defer(() => rm(directory, { recursive: true, force: true }));
    port = await freePort();
    stop = await startSlapd(directory, port);
    scope.defer(() => stop());
    const settings = JSON.parse(await readFile(join(deploy, "ldap.example.json"), "utf8"));
    const bindPasswordFile = join(directory, "password");
    await writeFile(bindPasswordFile, "service-secret\n");
    const changed = {
      ...settings,
      uri: `ldap://127.0.0.1:${port}`,
      bindPasswordFile,
      // Debian's slapd has no schema with sshPublicKey; any attribute may have the keys.
      attributes: { ...settings.attributes, keys: "labeledURI" },
    };
    await writeFile(join(directory, "ldap.json"), JSON.stringify(changed));
    server = scope.own(
      await testServer({
        "auth.external.command": [join(deploy, "classh-ldap"), join(directory, "ldap.json")],
        "auth.external.createAccounts": true,
      }),
    );
    await server.add("root-admin", "admin");
  });
  after(() => scope.close());

  function run(user: string, login: { readonly password: string } | { readonly keyFile: string }) {
    const { port: ssh, fingerprint } = server.server;
    return runSshClient("openssh", {
      host: "127.0.0.1",
      port: ssh,
      fingerprint,
      user,
      command: "whoami --json",
      ...login,
    });
  }

  it("lets people in with the passwords of the directory, as who they are there", async () => {
    const roles = { ada: "student", mary: "student", tutor: "ta", teacher: "professor" };
    for (const [username, password, section] of people) {
      const { stdout, stderr } = await run(username, { password });
      assert.deepEqual(JSON.parse(stdout || JSON.stringify(stderr)), {
        username,
        role: roles[username],
        name: `Dr. ${username} Ünal`,
        section: section || null,
        address: "127.0.0.1",
      });
    }
    const byMail = await run("ADA@school.example", { password: people[0][1] });
    assert.equal(JSON.parse(byMail.stdout).username, "ada");
  });

  it("lets nobody in with another password, none, or a name that means something to a search", async () => {
    for (const [username, password] of [
      ["ada", people[1][1]],
      ["ada", ""],
      ["*", people[0][1]],
      ["a*", people[0][1]],
      ["ada)(uid=*", people[0][1]],
      ["nobody", people[0][1]],
      ["cn=classh", "service-secret"],
      ["classh", "service-secret"],
    ] as const) {
      // Not over ssh, whose client refuses some of these names itself.
      const { external } = server.server.services;
      const origin = { path: ["", "", ""], known: true, failures: 0 };
      const verdict = await external?.password({
        username,
        password,
        address: "192.0.2.1",
        origin,
        roleChanged: () => Promise.resolve(),
      });
      assert.equal(verdict?.kind, "rejected", username);
    }
    assert.equal(
      (await server.server.services.accounts.list()).filter(({ store }) => store === "external").length,
      people.length,
    );
    assert.equal(server.server.services.external?.trouble, undefined);
  });

  it("knows the keys of the directory", async () => {
    await using home = await clientHome();
    for (const [pair, status] of [
      [adasKey, 0],
      [newKeyPair(), 255],
    ] as const) {
      const keyFile = join(home.directory, `id-${status}`);
      await writeFile(keyFile, pair.private, { mode: 0o600 });
      assert.equal((await run("ada", { keyFile })).status, status);
    }
  });

  it("says so while the directory is away, and goes on when it is back", async () => {
    await stop();
    const { status } = await run("ada", { password: people[0][1] });
    assert.equal(status, 255);
    assert.match(server.server.services.external?.trouble ?? "", /ldapsearch ended with 255/);
    assert.equal((await server.run("root-admin", "whoami")).status, 0);
    stop = await runSlapd(join(directory, "slapd.conf"), port);
    assert.equal((await run("ada", { password: people[0][1] })).status, 0);
    assert.equal(server.server.services.external?.trouble, undefined);
  });
});
