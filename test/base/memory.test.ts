import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { availableMemory } from "../../src/base/memory.ts";

const mebibyte = 2 ** 20;
const meminfo = "MemTotal:       2000000 kB\nMemFree:         100000 kB\nMemAvailable:   1024000 kB\n";

describe("available memory", () => {
  let root: string;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "classh-memory-"));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  async function system(files: Readonly<Record<string, string>>): Promise<number | undefined> {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(join(root, dirname(name)), { recursive: true });
      await writeFile(join(root, name), text);
    }
    const bytes = await availableMemory(root);
    return bytes === undefined ? undefined : bytes / mebibyte;
  }

  const group = (most: string, used: number, cache: number) => ({
    most,
    used: `${used * mebibyte}\n`,
    stat: `anon 1\ninactive_file ${cache * mebibyte}\ntotal_inactive_file ${cache * mebibyte}\n`,
  });

  it("is the machine's where no control group says otherwise", async () => {
    assert.equal(await system({ "proc/meminfo": meminfo, "proc/self/cgroup": "0::/\n" }), 1000);
    assert.ok((await availableMemory()) ?? 0 > mebibyte);
  });

  it("is what the tightest group around this process leaves, its cache not counted", async () => {
    const [outer, inner] = [group(`${300 * mebibyte}\n`, 290, 50), group("max\n", 200, 0)];
    const at = "sys/fs/cgroup/system.slice";
    assert.equal(
      await system({
        "proc/meminfo": meminfo,
        "proc/self/cgroup": "0::/system.slice/classh.service\n",
        [`${at}/memory.max`]: outer.most,
        [`${at}/memory.current`]: outer.used,
        [`${at}/memory.stat`]: outer.stat,
        [`${at}/classh.service/memory.max`]: inner.most,
        [`${at}/classh.service/memory.current`]: inner.used,
        [`${at}/classh.service/memory.stat`]: inner.stat,
      }),
      60,
    );
  });

  it("knows the first version of control groups, too, and a container that sees only its own", async () => {
    const { most, used, stat } = group(`${512 * mebibyte}\n`, 500, 8);
    const at = "sys/fs/cgroup/memory";
    const files = {
      [`${at}/memory.limit_in_bytes`]: most,
      [`${at}/memory.usage_in_bytes`]: used,
      [`${at}/memory.stat`]: stat,
    };
    assert.equal(
      await system({ "proc/meminfo": meminfo, "proc/self/cgroup": "4:memory:/docker/0c5a\n0::/\n", ...files }),
      20,
    );
  });

  it("is unknown where nothing tells", async () => {
    assert.equal(await system({}), undefined);
  });
});
