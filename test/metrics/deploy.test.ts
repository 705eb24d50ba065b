/** The files of deploy/ for Prometheus and Grafana: right for promtool, and each alert with what to do. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse, stringify } from "yaml";
import { defaultSettingsFile, loadSettings } from "../../src/config/load.ts";
import { deployed, readOperations } from "./deployed.ts";
import { promtool } from "./promtool.ts";

describe("alerts and dashboard", () => {
  it("are right for promtool, which tries each alert on a sick server and on one that is well", async () => {
    const checked = await promtool(["check", "config", deployed("prometheus/prometheus.yml")]);
    assert.equal(checked.status, 0, checked.output);
    const tested = await promtool(["test", "rules", deployed("prometheus/rules.test.yml")]);
    assert.equal(tested.status, 0, tested.output);
    const { tests } = parse(await readFile(deployed("prometheus/rules.test.yml"), "utf8")) as {
      readonly tests: readonly {
        readonly alert_rule_test: readonly { readonly alertname: string; readonly exp_alerts: readonly unknown[] }[];
      }[];
    };
    const tried = tests.flatMap(({ alert_rule_test: each }) => each);
    const { alerts } = await readOperations();
    for (const { alert } of alerts)
      assert.deepEqual(
        tried.filter(({ alertname }) => alertname === alert).map(({ exp_alerts: { length } }) => length),
        [1, 0],
        alert,
      );
  });

  it("ask in expressions that Prometheus understands", async () => {
    const { expressions } = await readOperations();
    const rules = expressions.map((expr, index) => ({
      record: `tried:${index}`,
      expr: expr.replaceAll("$instance", ".*").replaceAll("$__rate_interval", "1m"),
    }));
    const place = await mkdtemp(join(tmpdir(), "classh-rules-"));
    try {
      const file = join(place, "tried.yml");
      await writeFile(file, stringify({ groups: [{ name: "tried", rules }] }));
      const { status, output } = await promtool(["check", "rules", file]);
      assert.equal(status, 0, output);
    } finally {
      await rm(place, { recursive: true });
    }
  });

  it("say what to do: each alert has its part in docs/operations.md, and each part its alert", async () => {
    const page = await readFile(fileURLToPath(new URL("../../docs/operations.md", import.meta.url)), "utf8");
    const headings = [...page.matchAll(/^### (Classh\w+)$/gm)].map(([, name]) => name);
    const { alerts } = await readOperations();
    assert.deepEqual(
      headings,
      alerts.map(({ alert }) => alert),
    );
    for (const { alert, annotations, labels } of alerts) {
      assert.equal(annotations["runbook_url"], `docs/operations.md#${alert.toLowerCase()}`);
      assert.ok(annotations["summary"] && annotations["description"], alert);
      assert.match(labels["severity"] ?? "", /^(page|ticket)$/, alert);
    }
  });

  it("are found from where the settings of Prometheus say, at the port that the settings of classh propose", async () => {
    const config = parse(await readFile(deployed("prometheus/prometheus.yml"), "utf8")) as {
      readonly rule_files: readonly string[];
      readonly scrape_configs: readonly {
        readonly static_configs: readonly { readonly targets: readonly string[] }[];
      }[];
    };
    assert.deepEqual(config.rule_files, ["rules.yml"]);
    const [listen = ""] = config.scrape_configs.flatMap((each) =>
      each.static_configs.flatMap(({ targets }) => targets),
    );
    loadSettings({ environment: { CLASSH_METRICS_LISTEN: listen } });
    const settings = await readFile(defaultSettingsFile, "utf8");
    assert.ok(settings.includes(listen));
  });
});
