import assert from "node:assert/strict";
import { UserError } from "../../../src/base/errors.ts";
import { fileToolOf } from "../../../src/commands/transfer/file-tools.ts";

/** The words of the program that is started for a line of Ada's; patterns stand in angle brackets. */
function started(line: string): string | undefined {
  const tool = fileToolOf(line, "ada");
  return tool?.words.map(({ text, pattern }) => (pattern ? `<${text}>` : text)).join(" ");
}

describe("the lines by which clients move files", () => {
  for (const [line, expected] of [
    ["subsystem sftp", "sftp-server -e -l INFO"],
    ["/usr/lib/openssh/sftp-server", "sftp-server -e -l INFO"],
    ["exec sftp-server -R", "sftp-server -e -l INFO"],
    ["scp -t hw1", "scp -t -- hw1"],
    ["scp -v -r -p -d -t -- '/home/ada/my folder'", "scp -v -r -p -d -t -- /home/ada/my folder"],
    ["scp -f *.py", "scp -f -- <*.py>"],
    ["scp -f '*.py' a\\*b?", "scp -f -- *.py <a[*]b?>"],
    ["scp -qrf ~/hw1/[ab].py", "scp -qrf -- </home/ada/hw1/[ab].py>"],
    ["scp -t *.py", "scp -t -- *.py"],
    ["rsync --server -vlogDtpre.iLsfxCIvu . work/", "rsync --server -vlogDtpre.iLsfxCIvu . work/"],
    [
      "rsync --server --sender -vlogDtprze.iLsfxCIvu --timeout=30 . ~/a *.txt",
      "rsync --server --sender -vlogDtprze.iLsfxCIvu --timeout=30 . /home/ada/a <*.txt>",
    ],
    [
      "rsync --server -e.LsfxCIvu --delete-during --partial . .",
      "rsync --server -e.LsfxCIvu --delete-during --partial . .",
    ],
    ["git-upload-pack '/home/ada/my project'", "git upload-pack /home/ada/my project"],
    ["git receive-pack '~/x.git'", "git receive-pack ~/x.git"],
    ["git-upload-archive 'x*.git'", "git upload-archive x*.git"],
  ] as const) {
    it(`start a program: ${line}`, () => assert.equal(started(line), expected));
  }

  for (const line of [
    "scp",
    "scp -t",
    "scp -t -f x",
    "scp -S /bin/sh -t x",
    "scp -oProxyCommand=x -t x",
    "scp a ada@elsewhere:b",
    "rsync -av a b",
    "rsync --daemon",
    "rsync --server --daemon .",
    "rsync --server --config=/home/ada/x . a",
    "rsync --server -e sh . a",
    "rsync --server -vlogDtpre . a",
    "rsync --server -vesh . a",
    "rsync --server --rsh=sh . a",
    "rsync --server --rsync-path=x . a",
    "rsync --server --log-file=/home/ada/log . a",
    "rsync --server -vlogDtpre.iLsfxCIvu . -e sh",
    "rsync --server -vlogDtpre.iLsfxCIvu a",
    "git",
    "git clone x",
    "git -c core.sshCommand=x upload-pack y",
    "git-upload-pack --upload-pack=x y",
    "git-upload-pack x y",
    "git-upload-pack",
    "git-receive-pack /students/ada/x.git",
  ]) {
    it(`are these only: ${line}`, () => {
      assert.throws(
        () => fileToolOf(line, "ada"),
        (error) =>
          error instanceof UserError && ["usage", "not-permitted"].includes(error.code) && error.hint !== undefined,
      );
    });
  }

  for (const line of [
    "run scp.py",
    "gitter",
    "sftp",
    "rsyncd",
    "scp-all x",
    "subsystem netconf",
    "key add",
    "",
    "bash -c 'scp -t x'",
  ]) {
    it(`are no other commands: ${line}`, () => assert.equal(fileToolOf(line, "ada"), undefined));
  }

  it("may not end in the middle of a quote", () => {
    assert.throws(() => fileToolOf("scp -t 'x", "ada"), UserError);
  });
});
