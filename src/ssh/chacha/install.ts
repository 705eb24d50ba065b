/**
 * Replaces ssh2's cipher and decipher for chacha20-poly1305@openssh.com by ours: ssh2 makes three objects of
 * node:crypto for each packet, 35 us for one out and one in, and a flood of small packets makes V8 stop everybody to
 * collect them.
 *
 * Theory of operation: ssh2 makes new objects at the end of each key exchange and keeps them in two fields of the
 * protocol, which it reads for each packet. The fields become properties that replace the objects they know by ours;
 * all other ciphers, and ssh2's native addon, stay.
 */
import type { Connection as Ssh2Connection, Client } from "ssh2";
import { chachaCipherOf, chachaDecipherOf, protocolOf } from "../ssh2-internals.ts";
import { ChachaCipher } from "./cipher.ts";
import { ChachaDecipher } from "./decipher.ts";

/** Installs our cipher for the life of a connection. To be called before its first key exchange is complete. */
export function useOwnChacha(client: Ssh2Connection | Client): void {
  const protocol = protocolOf(client);
  replaceWhenSet(protocol, "_cipher", (made) => {
    const original = chachaCipherOf(made);
    return original ? new ChachaCipher(original) : made;
  });
  replaceWhenSet(protocol, "_decipher", (made) => {
    const original = chachaDecipherOf(made);
    return original ? new ChachaDecipher(original) : made;
  });
}

function replaceWhenSet(owner: object, name: string, replace: (made: unknown) => unknown): void {
  let current: unknown = Reflect.get(owner, name);
  Object.defineProperty(owner, name, {
    configurable: true,
    enumerable: true,
    get: () => current,
    set(made: unknown) {
      current = replace(made);
    },
  });
}
