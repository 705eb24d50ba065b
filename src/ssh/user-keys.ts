import ssh2 from "ssh2";

export interface SignedKey {
  /** The key's type: ssh-ed25519, ssh-rsa ... */
  readonly type: string;
  /** The key in wire format. */
  readonly blob: Buffer;
  /** The hash of an RSA signature. */
  readonly hash: string | undefined;
  readonly message: Buffer;
  readonly signature: Buffer;
}

/** Whether `signature` was made over `message` by the owner of the key. */
export function verifySignature(signed: SignedKey): boolean {
  const parsed = ssh2.utils.parseKey(signed.blob);
  // For sk- keys and certificates parseKey returns an Error value; it does not throw. It also reads text formats: only a key
  // that is the blob that was looked up may count.
  if (parsed instanceof Error || parsed.type !== signed.type || !parsed.getPublicSSH().equals(signed.blob)) return false;
  // verify, too, returns an Error for what it can't handle, whatever its types say; that must not pass as "true".
  const verdict: unknown = parsed.verify(signed.message, signed.signature, signed.hash);
  return verdict === true;
}
