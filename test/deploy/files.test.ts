/** The files of deploy/ and the Dockerfile: what they name exists, as far as that can be told without an engine or a cluster. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseAllDocuments, parseDocument } from "yaml";
import { loadSettings } from "../../src/config/load.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const deploy = join(root, "deploy");
const read = (name: string): string => readFileSync(join(root, name), "utf8");

// oxlint-disable-next-line typescript/no-explicit-any -- documents of other programs, looked at field by field
type Tree = any;

function documents(file: string): Tree[] {
  return parseAllDocuments(readFileSync(file, "utf8")).map((document) => {
    assert.deepEqual(document.errors, [], file);
    assert.deepEqual(document.warnings, [], file);
    return document.toJS() as Tree;
  });
}

/** Throws where one of them is no setting, or has a value that is not allowed. */
function checkEnvironment(environment: Readonly<Record<string, string>>): void {
  const { CLASSH_LOG_FILE: _, ...settings } = environment;
  loadSettings({
    environment: Object.fromEntries(Object.entries(settings).filter(([name]) => /^(CLASSH_|DATABASE_URL)/.test(name))),
  });
}

describe("the files for deployment", () => {
  const yamlFiles = readdirSync(deploy, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.ya?ml$/.test(name))
    .map((name) => join(deploy, name));

  it("are valid YAML", () => {
    assert.ok(yamlFiles.length >= 6);
    for (const file of yamlFiles) documents(file);
  });

  describe("compose.yaml", () => {
    const compose = documents(join(deploy, "compose.yaml"))[0];
    const services: [string, Tree][] = Object.entries(compose.services);

    it("names only what it has", () => {
      for (const [name, service] of services) {
        for (const network of service.networks ?? []) assert.ok(network in compose.networks, `${name}: ${network}`);
        for (const other of Object.keys(service.depends_on ?? {})) assert.ok(other in compose.services, other);
        for (const { source } of service.configs ?? []) assert.ok(source in compose.configs, source);
        for (const volume of service.volumes ?? []) {
          const [source] = volume.split(":");
          assert.ok(source.startsWith(".") ? existsSync(resolve(deploy, source)) : source in compose.volumes, volume);
        }
      }
      const used = services.flatMap(([, { configs = [] }]) => configs.map(({ source }: Tree) => source));
      assert.deepEqual(new Set(used), new Set(Object.keys(compose.configs)));
    });

    it("gives classh settings that exist, a profile, and no rights", () => {
      const { classh } = compose.services;
      checkEnvironment(classh.environment);
      const profile = classh.security_opt
        .find((option: string) => option.startsWith("seccomp:"))
        .slice("seccomp:".length);
      assert.ok(existsSync(resolve(deploy, profile)), profile);
      assert.deepEqual([classh.read_only, classh.cap_drop], [true, ["ALL"]]);
      assert.ok(existsSync(resolve(deploy, classh.build, "Dockerfile")));
    });

    it("scrapes classh where it answers, under the name that the alerts have", () => {
      const [job] = parseDocument(compose.configs.prometheus.content).toJS().scrape_configs;
      assert.deepEqual(job.static_configs[0].targets, ["classh:9464"]);
      assert.match(compose.services.classh.environment.CLASSH_METRICS_LISTEN, /:9464$/);
      assert.equal(job.job_name, documents(join(deploy, "prometheus/prometheus.yml"))[0].scrape_configs[0].job_name);
    });
  });

  describe("kubernetes/", () => {
    const directory = join(deploy, "kubernetes");
    const kustomization = documents(join(directory, "kustomization.yaml"))[0];
    const objects: Tree[] = kustomization.resources.flatMap((name: string) => documents(join(directory, name)));
    const named = (kind: string, name: string): Tree =>
      objects.find((object) => object.kind === kind && object.metadata.name === name) ?? assert.fail(`${kind} ${name}`);
    const set = named("StatefulSet", "classh");
    const pod = set.spec.template.spec;
    const containers: Tree[] = [...pod.initContainers, ...pod.containers];

    it("name only what is there", () => {
      for (const { files } of kustomization.configMapGenerator)
        for (const name of files) assert.ok(existsSync(join(directory, name)));
      const labels = set.spec.template.metadata.labels;
      for (const { spec } of [named("Service", "classh"), named("Service", "classh-nodes")]) {
        assert.deepEqual(spec.selector, labels);
        const ports = pod.containers[0].ports.map(({ name }: Tree) => name);
        for (const { targetPort } of spec.ports) assert.ok(ports.includes(targetPort), targetPort);
      }
      assert.deepEqual(named("PodDisruptionBudget", "classh").spec.selector.matchLabels, labels);
      assert.equal(set.spec.serviceName, "classh-nodes");
      const volumes = [
        ...pod.volumes.map(({ name }: Tree) => name),
        ...set.spec.volumeClaimTemplates.map((claim: Tree) => claim.metadata.name),
      ];
      for (const container of containers)
        for (const { name } of container.volumeMounts) assert.ok(volumes.includes(name), name);
      for (const { persistentVolumeClaim: claim, configMap } of pod.volumes) {
        if (claim) named("PersistentVolumeClaim", claim.claimName);
        if (configMap) named("ConfigMap", configMap.name);
      }
      const guide = read("docs/deployment.md");
      for (const secret of ["classh", "classh-keys"])
        assert.ok(guide.includes(`create secret generic ${secret} `), secret);
    });

    it("give classh settings that exist, also in the file", () => {
      const environment = Object.fromEntries(
        pod.containers[0].env.flatMap(({ name, value }: Tree) =>
          value === undefined ? [] : [[name, value.replace("$(POD_NAME)", "classh-0")]],
        ),
      );
      checkEnvironment(environment);
      const scratch = mkdtempSync(join(tmpdir(), "deploy-"));
      try {
        const file = join(scratch, "classh.yaml");
        writeFileSync(file, named("ConfigMap", "classh").data["classh.yaml"]);
        loadSettings({ environment: {}, file });
      } finally {
        rmSync(scratch, { recursive: true });
      }
      const { livenessProbe, readinessProbe } = pod.containers[0];
      for (const { httpGet } of [livenessProbe, readinessProbe]) assert.equal(httpGet.port, "metrics");
    });

    it("let the containers do nothing but what they need", () => {
      assert.equal(pod.hostUsers, false);
      const { runAsUser, runAsNonRoot, seccompProfile } = pod.securityContext;
      assert.ok(runAsNonRoot);
      assert.match(read("Dockerfile"), new RegExp(`useradd --system --uid ${runAsUser} `));
      assert.equal(seccompProfile.type, "Localhost");
      assert.ok(existsSync(join(directory, seccompProfile.localhostProfile)));
      for (const { securityContext } of containers) {
        assert.equal(securityContext.allowPrivilegeEscalation, false);
        assert.equal(securityContext.readOnlyRootFilesystem, true);
        assert.deepEqual(securityContext.capabilities, { drop: ["ALL"] });
      }
    });
  });

  it("of the image copy what there is, and give settings that exist", () => {
    const lines = read("Dockerfile").replaceAll("\\\n", " ").split("\n");
    for (const line of lines) {
      const [word, ...words] = line.split(/\s+/);
      if (word === "COPY" && !line.includes("--from"))
        for (const source of words.slice(0, -1)) assert.ok(existsSync(join(root, source)), line);
      if (word === "ENV")
        checkEnvironment(Object.fromEntries(words.map((each) => each.split("=") as [string, string])));
    }
  });

  it("of systemd are valid, and leave little open", () => {
    const scratch = mkdtempSync(join(tmpdir(), "unit-"));
    try {
      const lines = read("deploy/systemd/classh.service").split("\n");
      for (const line of ["Restart=on-failure", "Delegate=yes", "KillMode=mixed", "WantedBy=multi-user.target"])
        assert.ok(lines.includes(line), line);
      const unit = join(scratch, "classh.service");
      writeFileSync(unit, read("deploy/systemd/classh.service").replaceAll("/opt/classh/", root));
      const run = (...words: string[]) => spawnSync("systemd-analyze", words, { encoding: "utf8" });
      const verified = run("verify", unit);
      assert.deepEqual([verified.status, verified.stderr], [0, ""]);
      const security = run("security", "--offline=yes", "--threshold=60", "--no-pager", unit);
      assert.equal(security.status, 0, security.stdout + security.stderr);
    } finally {
      rmSync(scratch, { recursive: true });
    }
    assert.ok(existsSync(join(dirname(deploy), "bin/start")));
  });
});
