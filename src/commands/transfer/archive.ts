/** Archives of people's files, made and unpacked by tar in a jail that sees what it needs and nothing else. */
import { Readable, Writable } from "node:stream";
import { UserError } from "../../base/errors.ts";
import type { JailSpec } from "../../runner/jail-spec.ts";
import type { Outcome } from "../../runner/outcome.ts";
import { describe } from "../../runner/outcome.ts";
import type { ToolWord } from "../../runner/tool.ts";
import type { CommandContext } from "../command.ts";

/** Bytes of an archive that is kept in memory until everybody has it. */
export const maxArchive = 64 << 20;

const tarProgram = "/usr/bin/tar";

/** Streams of one tar; a missing one is empty, or is not kept. */
export interface TarStreams {
  readonly stdin?: Readable;
  readonly stdout?: Writable;
  readonly stderr?: Writable;
}

/** Runs tar to its end. */
export async function runTar(
  { services, closed }: Pick<CommandContext, "services" | "closed">,
  spec: JailSpec,
  words: readonly (string | ToolWord)[],
  { stdin, stdout, stderr }: TarStreams,
): Promise<Outcome> {
  const tool = {
    program: tarProgram,
    words: ["tar", ...words].map((word) => (typeof word === "string" ? { text: word } : word)),
  };
  return await services.runner.runTool(spec, tool, {
    stdin: stdin ?? Readable.from([]),
    stdout: stdout ?? new Collected(0),
    stderr: stderr ?? new Collected(0),
    signal: closed,
  });
}

/** Throws what went wrong, as tar tells it. */
export function requireDone(outcome: Outcome, told: string): void {
  if (outcome.kind === "exited" && outcome.status === 0) return;
  if (/^gzip: |Unexpected EOF|not look like a tar|Skipping to next header/m.test(told))
    throw new UserError(
      "bad-archive",
      "the archive is damaged or incomplete",
      "Make it again: tar -cz FOLDER | ssh ...",
    );
  const line = told
    .split("\n")
    .filter(
      (text) =>
        text.startsWith("tar: ") && !/Exiting with failure|Error is not recoverable|^tar: Removing leading/.test(text),
    )
    .map((text) => text.slice("tar: ".length))
    .at(0);
  throw new UserError(
    "bad-archive",
    outcome.kind === "exited" && line ? line : describe(outcome),
    "Nothing else was done.",
  );
}

/** What was written, up to a bound; the rest is left out. */
export class Collected extends Writable {
  readonly #pieces: Buffer[] = [];
  readonly #max: number;
  #size = 0;

  constructor(max: number) {
    super();
    this.#max = max;
  }

  /** Whether all of it was kept. */
  get complete(): boolean {
    return this.#size <= this.#max;
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#pieces);
  }

  get text(): string {
    return this.bytes.toString();
  }

  override _write(piece: Buffer, _encoding: BufferEncoding, done: () => void): void {
    const room = Math.max(0, this.#max - this.#size);
    if (room > 0) this.#pieces.push(piece.subarray(0, room));
    this.#size += piece.length;
    done();
  }
}

/** Whether bytes are a tar archive, compressed by gzip or not. */
export function isArchive(bytes: Buffer): boolean {
  return isCompressed(bytes) || bytes.subarray(257, 262).toString("latin1") === "ustar";
}

/** Whether bytes are compressed by gzip (RFC 1952, 2.3.1). */
export function isCompressed(bytes: Buffer): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** What tar needs to read an archive from its input. */
export function reading(archive: Buffer): readonly string[] {
  return [
    ...(isCompressed(archive) ? ["-z"] : []),
    "--no-same-owner",
    "--no-same-permissions",
    "--delay-directory-restore",
  ];
}
