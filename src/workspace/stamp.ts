import type { BigIntStats } from "node:fs";

declare const stampBrand: unique symbol;

/**
 * One version of a file: two equal stamps mean the same content. Compare with `===`; the content of a stamp has no
 * meaning outside. Every save makes a new inode, so stamps differ even between saves in the same tick of the kernel's
 * clock.
 */
export type Stamp = string & { readonly [stampBrand]: true };

export function stampOf(stats: BigIntStats): Stamp {
  return `${stats.ino}-${stats.size}-${stats.mtimeNs}` as Stamp;
}
