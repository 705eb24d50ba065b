import ssh2 from "ssh2";

export interface KeyPair {
  /** A line of authorized_keys. */
  readonly public: string;
  /** In OpenSSH's format. */
  readonly private: string;
}

/** An Ed25519 key. ssh2 1.17 writes about one in some hundred in a form that it can't read itself, so it is asked. */
export function newKeyPair(): KeyPair {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync("ed25519");
    if (!(ssh2.utils.parseKey(pair.private) instanceof Error)) return pair;
  }
}
