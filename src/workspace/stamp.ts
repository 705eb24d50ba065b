import type { BigIntStats } from "node:fs";

declare const stampBrand: unique symbol;

/**
 * Names one version of a file: two equal stamps mean the same content. Compare with `===`; the inside is nobody's business.
 * Every save makes a new inode, so it differs even from a save in the same tick of the kernel's clock.
 */
export type Stamp = string & { readonly [stampBrand]: true };

export function stampOf(stats: BigIntStats): Stamp {
  return `${stats.ino}-${stats.size}-${stats.mtimeNs}` as Stamp;
}
