/**
 * Theory of operation: a save replaces the version of a file that its writer had seen, and no other. Locks ensure that
 * while the database can be asked. While it is away, two processes may save one file at the same moment, and between
 * checking a file and `rename` another save would vanish. So a replacement is a compare-and-swap:
 * - the new content gets a second name, made from the file's name and the version to be replaced: its **claim**. `link`
 *   fails when the claim exists, so of all writers that replace one version only one goes on;
 * - whoever has the claim checks the file once more, and renames the claim onto it.
 *
 * A claim that stands for longer belongs to a process that was killed, or is stopped. The next writer unlinks it. If
 * the stopped process wakes up, it finds nothing to rename, or renames what the next writer has put there, which both
 * notice by the inode.
 */
import { createHash } from "node:crypto";
import type { BigIntStats } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { systemCode, UserError } from "../base/errors.ts";
import { calls, fstat, lstat, type Descriptor } from "./descriptor.ts";
import { decodeName, reservedPrefix, shown } from "./file-names.ts";
import { moveWithoutReplacing, unlinkIfThere } from "./without-replacing.ts";
import { stampOf } from "./stamp.ts";

/** A replacement to make. */
export interface VersionSwap {
  readonly parent: Descriptor;
  /** Name of what is replaced, in the parent. */
  readonly name: Buffer;
  /** Name of the new content in the parent, and the open file. */
  readonly temporary: Buffer;
  readonly file: Descriptor;
  /** Resolves with the version that may be replaced, undefined for none; throws when what is there must stay. */
  readonly check: () => Promise<BigIntStats | undefined>;
  /** Runs right before the step that replaces; throws to keep the old file. */
  readonly atLast: () => void;
}

/** How long a claim may stand: its writer needs it for three system calls. */
const claimMs = 1000;
const againMs = 5;
const maxTries = 8;

/**
 * Replaces a file by a temporary one, whose name is gone afterwards. Throws `in-use` when others were faster again and
 * again, and what `check` and `atLast` throw; then nothing is replaced, and the temporary file is still there.
 */
export async function replace(replacement: VersionSwap): Promise<void> {
  const { parent, name, temporary, file, check, atLast } = replacement;
  const { ino } = await fstat(file);
  for (let tries = 1; tries <= maxTries; tries++) {
    // A writer that had lost its claim, and found ours under its name, has put our file in place.
    if (tries > 1 && (await inodeOf(parent, name)) === ino) return await unlinkIfThere(parent, temporary);
    const version = await check();
    if (version === undefined) {
      atLast();
      if (await nameIfFree(replacement)) return;
      continue;
    }
    const claim = claimOf(name, version);
    const claimed = await makeClaim(replacement, claim, ino);
    if (claimed === "no") continue;
    if (claimed === "impossible") {
      await check();
      atLast();
      return await calls.rename(parent.at(temporary), parent.at(name));
    }
    try {
      const still = await check();
      if (still === undefined || stampOf(still) !== stampOf(version)) continue;
      atLast();
      await calls.rename(parent.at(claim), parent.at(name));
      if ((await lstat(parent.at(name))).ino !== ino) continue;
      // Programs of the home can remove the name as well: the save is done nevertheless.
      return await unlinkIfThere(parent, temporary);
    } catch (error) {
      if (systemCode(error) !== "ENOENT") throw error;
    } finally {
      await unlinkIfThere(parent, claim);
    }
  }
  throw new UserError(
    "in-use",
    `another window is saving ${shown(decodeName(name))} right now`,
    "Your text is still here: save again.",
  );
}

/** Gives the new content a free name; false when it is taken by now. */
async function nameIfFree({ parent, name, temporary }: VersionSwap): Promise<boolean> {
  try {
    await moveWithoutReplacing(parent, temporary, parent, name);
    return true;
  } catch (error) {
    if (systemCode(error) !== "EEXIST") throw error;
    return false;
  }
}

/**
 * Waits for another writer's claim to go, and in the end removes it; then the answer is "no". "impossible" on a file
 * system without hard links, and where the claim can't be removed: a folder, which only a program of the home can have
 * made.
 */
async function makeClaim(
  { parent, temporary }: VersionSwap,
  claim: Buffer,
  ino: bigint,
): Promise<"yes" | "no" | "impossible"> {
  try {
    await calls.link(parent.at(temporary), parent.at(claim));
    return "yes";
  } catch (error) {
    if (systemCode(error) !== "EEXIST") {
      if (["EPERM", "ENOTSUP", "EOPNOTSUPP", "EMLINK"].includes(systemCode(error) ?? "")) return "impossible";
      throw error;
    }
  }
  const until = performance.now() + claimMs;
  const standing = await inodeOf(parent, claim);
  // NFS: the server did it, its answer was lost, and the second attempt finds the first one's claim.
  if (standing === ino) return "yes";
  for (let now = standing; now !== undefined; now = await inodeOf(parent, claim)) {
    if (now !== standing) return "no";
    if (performance.now() > until) return (await takeAway(parent, claim)) ? "no" : "impossible";
    await delay(againMs);
  }
  return "no";
}

async function takeAway(parent: Descriptor, claim: Buffer): Promise<boolean> {
  try {
    await unlinkIfThere(parent, claim);
    return true;
  } catch (error) {
    if (!["EISDIR", "EPERM"].includes(systemCode(error) ?? "")) throw error;
    return false;
  }
}

async function inodeOf(parent: Descriptor, name: Buffer): Promise<bigint | undefined> {
  try {
    return (await lstat(parent.at(name))).ino;
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
    return undefined;
  }
}

function claimOf(name: Buffer, version: BigIntStats): Buffer {
  const digest = createHash("sha256").update(name).update("\0").update(stampOf(version)).digest("hex");
  return Buffer.from(`${reservedPrefix}${digest.slice(0, 32)}.tmp`);
}
