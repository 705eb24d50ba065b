/**
 * Poly1305 (RFC 8439 section 2.5) by tweetnacl, which reads a message in place, without a copy. Its types lack these
 * functions.
 */
import nacl from "tweetnacl";

interface OneTimeAuthenticator {
  /** Writes the tag of `length` bytes of `message` into `to`. */
  crypto_onetimeauth(
    to: Uint8Array,
    toStart: number,
    message: Uint8Array,
    start: number,
    length: number,
    key: Uint8Array,
  ): number;
  /** 0 when the tag is right, otherwise -1, in constant time. */
  crypto_onetimeauth_verify(
    tag: Uint8Array,
    tagStart: number,
    message: Uint8Array,
    start: number,
    length: number,
    key: Uint8Array,
  ): number;
}

const library = (nacl as unknown as { readonly lowlevel: OneTimeAuthenticator }).lowlevel;

export const tagBytes = 16;

/**
 * Writes the tag of `length` bytes of `message`, from `start`, into `to`. The key, of 32 bytes, is for one message
 * only.
 */
// oxlint-disable-next-line max-params -- every packet passes here: an object of these would be garbage of each
export function authenticate(
  to: Uint8Array,
  toStart: number,
  message: Uint8Array,
  start: number,
  length: number,
  key: Uint8Array,
): void {
  library.crypto_onetimeauth(to, toStart, message, start, length, key);
}

/** Whether the 16 bytes of `tag` from `tagStart` are the tag of the message, in constant time. */
// oxlint-disable-next-line max-params -- every packet passes here: an object of these would be garbage of each
export function isAuthentic(
  tag: Uint8Array,
  tagStart: number,
  message: Uint8Array,
  start: number,
  length: number,
  key: Uint8Array,
): boolean {
  return library.crypto_onetimeauth_verify(tag, tagStart, message, start, length, key) === 0;
}
