/** What must hold before a file is written; each rule throws an error that a beginner can read. */
import type { BigIntStats } from "node:fs";
import { UserError } from "../base/errors.ts";
import type { DiskLocation } from "./access.ts";
import { kindAt, lstatIfThere } from "./confined.ts";
import type { Descriptor } from "./descriptor.ts";
import { kindOf, ownerMayWrite } from "./entry.ts";
import { exists, notAFile } from "./file-failures.ts";
import { checkNewName } from "./file-names.ts";
import { nameOf, shownFileName } from "./paths.ts";
import { stampOf, type Stamp } from "./stamp.ts";

/** Which version of a file may be replaced. */
export interface VersionRule {
  /** The version that the new content is based on; without it there must be no such file yet. */
  readonly expected?: Stamp | undefined;
  /** Whether to replace any version of the file, or make it. */
  readonly overwrite?: boolean | undefined;
}

/** The file that is there and may be replaced; undefined when a new one may be made. */
export async function requireVersion(
  parent: Descriptor,
  location: DiskLocation,
  rule: VersionRule,
): Promise<BigIntStats | undefined> {
  const now = await lstatIfThere(parent, location.name);
  const name = shownFileName(location.path);
  if (!now) {
    if (rule.expected !== undefined && !rule.overwrite) {
      throw new UserError(
        "changed-on-disk",
        `the file ${name} has been deleted or renamed`,
        "Your text is still here: save again to create the file anew, or close it.",
      );
    }
    checkNewName(nameOf(location.path));
    return undefined;
  }
  const kind = kindOf(now);
  if (kind !== "file") throw notAFile(location.path, kind);
  if (!ownerMayWrite(now)) {
    throw new UserError(
      "read-only",
      `the file ${name} is write-protected`,
      "A program can change that with os.chmod; or save your text under another name.",
    );
  }
  if (rule.overwrite) return now;
  if (rule.expected === undefined) throw exists(location.path);
  if (rule.expected !== stampOf(now)) {
    throw new UserError(
      "changed-on-disk",
      `the file ${name} was changed by another program or window after you opened it`,
      "Nothing was overwritten. Choose which text to keep.",
    );
  }
  return now;
}

export async function requireFree(parent: Descriptor, location: DiskLocation): Promise<void> {
  if (await kindAt(parent, location.name)) throw exists(location.path);
}

export function requireFileSize(location: DiskLocation, bytes: number, maxBytes: number): void {
  if (bytes <= maxBytes) return;
  const name = shownFileName(location.path);
  throw new UserError(
    "too-large",
    `the file ${name} is too large: ${shownSize(bytes)}; the limit is ${shownSize(maxBytes)}`,
    "A Python program can read and write it piece by piece.",
  );
}

/** Bytes for people: "3.5 MiB". */
export function shownSize(bytes: number): string {
  if (bytes < 2 ** 20) return `${Math.ceil(bytes / 1024)} KiB`;
  return `${(bytes / 2 ** 20).toFixed(1).replace(/\.0$/, "")} MiB`;
}
