/**
 * The cryptography that is offered. Tested with OpenSSH, PuTTY, dropbear and paramiko, each with a rekey in mid-stream.
 */
import type { Algorithms, KexAlgorithm } from "ssh2";

/**
 * The post-quantum key exchange of key-exchange.ts; OpenSSH 10.1 and later warn at every login to a server without one.
 */
export const hybridKeyExchange = "mlkem768x25519-sha256";

/** Algorithms between our own processes: ssh2 on both sides. */
export const algorithms: Algorithms = {
  kex: [
    // dropbear 2022.83 hangs when the list starts with the name without the suffix.
    "curve25519-sha256@libssh.org",
    "curve25519-sha256",
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
    // Encrypt-and-MAC, for clients with neither of these nor an authenticated cipher: libssh2 before 1.11, small
    // dropbears.
    "hmac-sha2-256",
    "hmac-sha2-512",
  ],
  // 29 KB of zlib inflate to 30 MB, before authentication.
  compress: ["none"],
  // No RSA: with an RSA host key ssh2 offers SHA-1 signatures again.
  serverHostKey: ["ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"],
};

/** Algorithms for people's clients. */
export const clientAlgorithms: Algorithms = {
  ...algorithms,
  // ssh2's types know only its own names.
  kex: [hybridKeyExchange as KexAlgorithm, ...(algorithms.kex as KexAlgorithm[])],
};

const userKeyTypes = [
  "ssh-ed25519",
  "sk-ssh-ed25519@openssh.com",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "sk-ecdsa-sha2-nistp256@openssh.com",
];

/** Signatures that people may log in with, for server-sig-algs (RFC 8308): exactly what `isUserKeyAllowed` allows. */
export const acceptedSignatures: readonly string[] = [...userKeyTypes, "rsa-sha2-512", "rsa-sha2-256"];

/**
 * Whether a person's key may be used. `hash` is ssh2's name for the kind of an RSA signature: undefined stands for
 * SHA-1, which can be forged. DSA and certificates are refused, too.
 */
export function isUserKeyAllowed(type: string, hash: string | undefined): boolean {
  if (type === "ssh-rsa") return hash === "sha256" || hash === "sha512";
  return userKeyTypes.includes(type);
}
