/** Pictures of matplotlib on their way out of the jail, compared with what matplotlib itself draws. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import { maxHeight, maxWidth, PictureMarks, type SentPicture } from "../../src/runner/picture-marks.ts";
import { Pictures, pixelsOf } from "../../src/session/pictures.ts";
import { eventually } from "../support/eventually.ts";
import { Lab } from "./support.ts";

const hasMatplotlib = (): boolean => {
  try {
    execFileSync("/usr/bin/python3", [
      "-c",
      "import importlib.util as u, sys; sys.exit(not u.find_spec('matplotlib'))",
    ]);
    return true;
  } catch {
    return false;
  }
};

describe("pictures of programs", () => {
  let lab: Lab;
  let home: string;
  before(async function () {
    if (!hasMatplotlib()) this.skip();
    lab = await Lab.open({ limits: { runSeconds: 600, runMemoryMebibytes: 400 } });
    home = join(lab.directory, "files/Local/ada");
    await mkdir(home, { recursive: true });
  });
  after(() => lab?.[Symbol.asyncDispose]());

  async function run(console: ReturnType<Lab["console"]>, program: string): Promise<SentPicture[]> {
    const pictures: SentPicture[] = [];
    console.console.onPicture((picture) => pictures.push(picture));
    await writeFile(join(home, "plot.py"), program);
    console.console.runFile("/home/ada/plot.py");
    await eventually(() => console.ends.length > 0);
    assert.deepEqual(console.ends.at(-1)?.outcome, { kind: "exited", status: 0 }, console.text);
    return pictures;
  }

  it("are what show() draws, one for each figure, and leave no trace in the output", async () => {
    await using console = lab.console();
    const pictures = await run(
      console,
      [
        "import os, sys",
        "import matplotlib.pyplot as plt",
        "plt.figure(figsize=(3, 2)).patch.set_facecolor((1, 0, 0))",
        "plt.figure(figsize=(2, 3)).patch.set_facecolor((0, 0, 1))",
        "plt.show()",
        "print('figures', plt.get_fignums(), 'MPLBACKEND' in os.environ)",
      ].join("\n"),
    );
    assert.deepEqual(
      pictures.map(({ width, height, name }) => [width, height, name]),
      [
        [300, 200, ""],
        [200, 300, ""],
      ],
    );
    const colours = await Promise.all(pictures.map(pixelsOf));
    assert.deepEqual([...(colours[0]?.subarray(0, 3) ?? [])], [255, 0, 0]);
    assert.deepEqual([...(colours[1]?.subarray(-3) ?? [])], [0, 0, 255]);
    assert.match(console.plainText, /figures \[\] False/);
    assert.doesNotMatch(console.plainText, /picture|pixels|Warning/);
  });

  it("are named when they are saved, whose file is matplotlib's own, and fit their bounds", async () => {
    await using console = lab.console();
    const pictures = await run(
      console,
      [
        "import io, matplotlib.pyplot as plt, numpy, pathlib",
        "plt.plot([1, 2, 3])",
        "plt.savefig('line.png'); plt.savefig(pathlib.Path('line.pdf')); plt.savefig(io.BytesIO())",
        "big = plt.figure(figsize=(40, 10), dpi=200)",
        "plt.imshow(numpy.random.rand(700, 900)); plt.savefig('big\\n.png', dpi=50)",
        "print('dpi', big.dpi, type(big.canvas).__module__)",
      ].join("\n"),
    );
    assert.deepEqual(
      pictures.map(({ name }) => name),
      ["line.png", "line.pdf", "big\\n.png"],
    );
    assert.ok(pictures.every(({ width, height }) => width <= maxWidth && height <= maxHeight));
    assert.ok((await Promise.all(pictures.map(pixelsOf))).every((colours) => colours !== undefined));
    assert.equal((await readFile(join(home, "line.png"))).subarray(1, 4).toString(), "PNG");
    assert.match(console.plainText, /dpi 200(\.0)? classh_plots/);
  });

  it("leave a program alone that has chosen how it draws, or that has a matplotlib of its own", async () => {
    await using console = lab.console();
    assert.deepEqual(
      await run(
        console,
        "import matplotlib; matplotlib.use('Agg'); import matplotlib.pyplot as plt; plt.plot([1]); plt.savefig('a.png')",
      ),
      [],
    );
    await using other = lab.console();
    await mkdir(join(home, "matplotlib"), { recursive: true });
    try {
      await writeFile(join(home, "matplotlib/__init__.py"), "rcParams = 7\n");
      await writeFile(join(home, "matplotlib/pyplot.py"), "print('mine')\n");
      assert.deepEqual(await run(other, "import matplotlib.pyplot"), []);
      assert.match(other.plainText, /mine/);
    } finally {
      await writeFile(join(home, "matplotlib/__init__.py"), "");
      const { rm } = await import("node:fs/promises");
      await rm(join(home, "matplotlib"), { recursive: true });
    }
  });
});

describe("the marks of pictures", () => {
  const pixels = deflateSync(Buffer.alloc(4 * 3 * 3, 9));
  const text = pixels.toString("base64");
  const name = Buffer.from("a\u202eb.png").toString("hex");

  it("make a picture of pieces, with a name that shows what it is", async () => {
    const marks = new PictureMarks();
    assert.equal(marks.take("picture", `4;3;${text.length};${name}`), undefined);
    assert.equal(marks.take("pixels", text.slice(0, 5)), undefined);
    const picture = marks.take("pixels", text.slice(5));
    assert.equal(picture?.name, "a\\u202eb.png");
    assert.deepEqual(
      [...((picture && (await pixelsOf(picture))) ?? [])],
      Array.from({ length: 36 }, () => 9),
    );
  });

  it("drop what does not fit, whatever it is", async () => {
    for (const begin of [
      "801;3;9;",
      "4;601;9;",
      "0;3;9;",
      "4;3;300001;",
      "4;3;0;",
      "4;3;9;zz",
      "-4;3;9;",
      "",
      "4;3;9",
      "4;3;9;00;1",
    ]) {
      const marks = new PictureMarks();
      marks.take("picture", begin);
      assert.equal(marks.take("pixels", "AAAAAAAAA"), undefined, begin);
    }
    const marks = new PictureMarks();
    marks.take("picture", "4;3;4;");
    assert.equal(marks.take("pixels", "AAAAAAAA"), undefined, "more than was announced");
    assert.equal(marks.take("pixels", "AAAA"), undefined);
    const bomb = { width: 4, height: 3, name: "", pixels: deflateSync(Buffer.alloc(50_000_000)) };
    assert.equal(await pixelsOf(bomb), undefined);
    assert.equal(await pixelsOf({ ...bomb, pixels: Buffer.from("no") }), undefined);
    assert.equal(await pixelsOf({ ...bomb, pixels: deflateSync(Buffer.alloc(5)) }), undefined);
  });

  it("keep a bounded number of pictures", () => {
    const pictures = new Pictures();
    let told = 0;
    pictures.onShown(() => told++);
    for (let at = 0; at < 50; at++) pictures.add({ width: 4, height: 3, name: `${at}`, pixels: Buffer.alloc(200_000) });
    assert.equal(told, 50);
    assert.deepEqual(
      pictures.all.map(({ name: shown }) => shown),
      ["45", "46", "47", "48", "49"],
    );
  });
});
