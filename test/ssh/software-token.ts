/** A security token (FIDO) in software, after OpenSSH's PROTOCOL.u2f: what it signs is what a real one would. */
import { createHash, generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import { attack, insides, sendPayload, wire, type UnderTest } from "./server-under-test.ts";

export interface TokenOptions {
  /** 1: touched; 4: the PIN was asked for. Default: 1. */
  readonly flags?: number;
  readonly application?: string;
  /** What is signed, in place of the request. */
  readonly message?: Buffer;
  /** Spoils the signature. */
  readonly change?: (signature: Buffer) => Buffer;
}

export class SoftwareToken {
  readonly type: string;
  readonly blob: Buffer;
  readonly #key: KeyObject;

  constructor(type: string) {
    this.type = type;
    const { publicKey, privateKey } = type.includes("ed25519")
      ? generateKeyPairSync("ed25519")
      : generateKeyPairSync("ec", { namedCurve: "P-256" });
    this.#key = privateKey;
    const { x = "", y } = publicKey.export({ format: "jwk" });
    const point = Buffer.from(x, "base64url");
    this.blob = (
      y === undefined
        ? wire(0, type, point, "ssh:")
        : wire(0, type, "nistp256", Buffer.concat([Buffer.from([4]), point, Buffer.from(y, "base64url")]), "ssh:")
    ).subarray(1);
  }

  /** A line of a .pub file. */
  get line(): string {
    return `${this.type} ${this.blob.toString("base64")} a token`;
  }

  /** The whole signature of a message. */
  sign(message: Buffer, { flags = 1, application = "ssh:", change = (bytes) => bytes }: TokenOptions = {}): Buffer {
    const trailer = Buffer.from([flags, 0, 0, 0, 7]);
    const data = Buffer.concat([sha256(Buffer.from(application)), trailer, sha256(message)]);
    let inner: Buffer;
    if (this.#key.asymmetricKeyType === "ed25519") inner = sign(null, data, this.#key);
    else {
      const numbers = sign("sha256", data, { key: this.#key, dsaEncoding: "ieee-p1363" });
      inner = wire(0, mpint(numbers.subarray(0, 32)), mpint(numbers.subarray(32))).subarray(1);
    }
    return change(Buffer.concat([wire(0, this.type, inner).subarray(1), trailer]));
  }

  /** One signed request, as OpenSSH sends it. */
  async tryToLogIn(under: UnderTest, options: TokenOptions = {}): Promise<"in" | "refused"> {
    let sent = false;
    using attacker = attack(under, {
      authHandler: (left, _partial, next) => {
        if (!left) return next("none"); // ssh2's client needs a first request of its own
        if (sent) return next(false as never);
        sent = true;
        const request = wire(50, "ada", "ssh-connection", "publickey", true, this.type, this.blob);
        const { _kex: exchange } = insides(attacker.client)._protocol;
        const message = options.message ?? Buffer.concat([wire(0, exchange.sessionID).subarray(1), request]);
        sendPayload(attacker.client, Buffer.concat([request, wire(0, this.sign(message, options)).subarray(1)]));
      },
    });
    const ready = new Promise<"in">((resolve) => attacker.client.once("ready", () => resolve("in")));
    return await Promise.race([ready, attacker.closed.then(() => "refused" as const)]);
  }
}

function sha256(bytes: Buffer): Buffer {
  return createHash("sha256").update(bytes).digest();
}

function mpint(number: Buffer): Buffer {
  const first = number.findIndex((byte) => byte !== 0);
  const bare = number.subarray(Math.max(first, 0));
  return ((bare[0] ?? 0) & 0x80) === 0 ? bare : Buffer.concat([Buffer.from([0]), bare]);
}
