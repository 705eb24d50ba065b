import ssh2 from "ssh2";

export interface KeyPair {
  readonly public: string;
  readonly private: string;
}

/** An Ed25519 key. ssh2 1.17 writes about one in some hundred in a form that it can't read itself, so it is asked. */
export function newKey(): KeyPair {
  for (;;) {
    const key = ssh2.utils.generateKeyPairSync("ed25519");
    if (!(ssh2.utils.parseKey(key.private) instanceof Error)) return key;
  }
}
