import assert from "node:assert/strict";
import { SftpLog, type FileOperation } from "../../../src/commands/transfer/sftp-log.ts";

/** What a log means; `failed` counts the failures while a file was written. */
function read(...pieces: readonly string[]): {
  readonly operations: readonly FileOperation[];
  readonly failed: number;
} {
  const operations: FileOperation[] = [];
  let failed = 0;
  const log = new SftpLog(
    (operation) => operations.push(operation),
    () => (failed += 1),
  );
  for (const piece of pieces) log.write(Buffer.from(piece));
  log.end();
  return { operations, failed };
}

describe("sftp-server's log", () => {
  it("tells what was put and got, once it is closed", () => {
    const { operations } = read(
      'session opened for local user ada from [UNKNOWN]\r\nopen "/home/ada/a.txt" flags WRITE,CREATE,TRUNCATE mode 0644\r\n',
      "clo",
      'se "/home/ada/a.txt" bytes read 0 written 12\r\nopen "b.txt" flags READ mode 0666\r\nclose "b.txt" bytes read 7 written 0\r\n',
    );
    assert.deepEqual(operations, [
      { action: "put", path: "/home/ada/a.txt", bytes: 12 },
      { action: "get", path: "b.txt", bytes: 7 },
    ]);
  });

  it("tells of a file that was emptied, and of one whose connection broke", () => {
    const { operations } = read(
      'open "a" flags WRITE,CREATE,TRUNCATE mode 0644\nclose "a" bytes read 0 written 0\nopen "b" flags WRITE,CREATE mode 0644\nforced close "b" bytes read 0 written 99\n',
    );
    assert.deepEqual(operations, [
      { action: "put", path: "a", bytes: 0 },
      { action: "put", path: "b", bytes: 99 },
    ]);
  });

  it("tells of names", () => {
    const { operations } = read(
      'remove name "a \\"b\\".txt"\nmkdir name "d" mode 0777\nrmdir name "d"\nrename old "a" new "ü"\nposix-rename old "x" new "y"\nsymlink old "t" new "l"\nhardlink old "t" new "h"\nset "a" mode 0600\nset "a" modtime 20260101-00:00:00\nopendir "/home/ada"\n',
    );
    assert.deepEqual(operations, [
      { action: "remove", path: 'a \\"b\\".txt' },
      { action: "mkdir", path: "d" },
      { action: "rmdir", path: "d" },
      { action: "rename", path: "a", to: "ü" },
      { action: "rename", path: "x", to: "y" },
      { action: "link", path: "t", to: "l" },
      { action: "link", path: "t", to: "h" },
      { action: "set", path: "a" },
    ]);
  });

  it("overlooks nothing because a name has line ends in it, or is too long for the log", () => {
    const long = "x/".repeat(500);
    const { operations } = read(
      'posix-rename old "/students/ada/a.py" new "/students/ada/a\r\nb"\r\n',
      'open "/students/ada/a\r\nb" flags WRITE,CREATE,TRUNCATE mode 0644\r\nclose "/students/ada/a\r\nb" bytes read 0 written 4\r\n',
      'mkdir name "q"\r\nremove name "thesis.py" mode 0777\r\nset "b" size 3\r\nset "c" modtime 20260101-00:00:00\r\n',
      `open "${long}\r\nclose "${long}\r\nremove name "/students/ada/${long}\r\nremove name "a\nb`,
      "\r\n",
    );
    assert.deepEqual(
      operations.map(({ action, path, to }) => [action, path.slice(0, 22), ...(to === undefined ? [] : [to])]),
      [
        ["rename", "/students/ada/a.py", "/students/ada/a\nb"],
        ["put", "/students/ada/a\nb"],
        ["mkdir", 'q"\nremove name "thesis'],
        ["put", long.slice(0, 22)],
        ["remove", `/students/ada/${long.slice(0, 8)}`],
        ["remove", "a\nb"],
      ],
    );
  });

  it("tells what could not be done as such", () => {
    const { operations } = read(
      'remove name "a"\r\nsent status Permission denied\r\nremove name "b"\r\nmkdir name "c" mode 0777\r\nsent status Failure\r\n',
    );
    assert.deepEqual(operations, [
      { action: "remove", path: "a", failed: true },
      { action: "remove", path: "b" },
      { action: "mkdir", path: "c", failed: true },
    ]);
  });

  it("tells of failures only while a file is being written", () => {
    assert.equal(read("sent status Failure\n").failed, 0);
    assert.equal(read('open "a" flags WRITE mode 0644\nsent status Failure\nsent status No such file\n').failed, 1);
    assert.equal(
      read('open "a" flags WRITE mode 0644\nclose "a" bytes read 0 written 0\nsent status Failure\n').failed,
      0,
    );
  });

  it("keeps no more than a line of a name without end", () => {
    const { operations } = read(...Array.from({ length: 100 }, () => "x".repeat(10_000)), '\nremove name "a"\n');
    assert.deepEqual(operations, [{ action: "remove", path: "a" }]);
  });
});
