/** The cryptography that is offered. Tested with OpenSSH, PuTTY, dropbear and paramiko, each with a rekey in mid-stream. */
import type { Algorithms } from "ssh2";

export const algorithms: Algorithms = {
  kex: [
    // dropbear 2022.83 hangs when the list starts with the name without the suffix.
    "curve25519-sha256@libssh.org",
    "curve25519-sha256",
    "ecdh-sha2-nistp256",
    // Groups 15 to 18 are left out: ssh2 computes them on the main thread, modp18 in 11.5 ms. Group exchange has no
    // server side in ssh2: a client that prefers it could not connect.
    "diffie-hellman-group14-sha256",
  ],
  cipher: [
    "chacha20-poly1305@openssh.com",
    "aes256-gcm@openssh.com",
    "aes128-gcm@openssh.com",
    "aes256-ctr",
    "aes128-ctr",
  ],
  hmac: [
    "hmac-sha2-256-etm@openssh.com",
    "hmac-sha2-512-etm@openssh.com",
    "hmac-sha2-256",
    "hmac-sha2-512",
  ],
  // 29 KB of zlib inflate to 30 MB, before authentication.
  compress: ["none"],
  // No RSA: with an RSA host key ssh2 offers SHA-1 signatures again.
  serverHostKey: ["ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"],
};

const userKeyTypes: ReadonlySet<string> = new Set([
  "ssh-ed25519",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
]);

/**
 * Whether a person's key may be used. ssh2 tells the kind of an RSA signature by `hash`: undefined stands for SHA-1, which
 * can be forged. DSA, certificates and sk- keys (which ssh2 can't check) are refused, too.
 */
export function isUserKeyAllowed(type: string, hash: string | undefined): boolean {
  if (type === "ssh-rsa") return hash === "sha256" || hash === "sha512";
  return userKeyTypes.has(type);
}
