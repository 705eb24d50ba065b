/**
 * Puts our cipher and decipher in place of ssh2's for chacha20-poly1305@openssh.com: ssh2 makes three objects of node:crypto for each packet, 35 us
 * for one out and one in, and a flood of small packets makes V8 stop everybody to collect them.
 *
 * Theory of operation: ssh2 makes new objects at the end of each key exchange and keeps them in two fields of the protocol, where it looks for them at
 * each packet. The fields become properties that take ours in place of those that they know; all other ciphers, and ssh2's native addon, stay.
 */
import type { Connection as Ssh2Connection, Client } from "ssh2";
import { chachaCipherOf, chachaDecipherOf, protocolOf } from "../ssh2-internals.ts";
import { ChachaCipher } from "./cipher.ts";
import { ChachaDecipher } from "./decipher.ts";

/** For the life of a connection. To be called before its first key exchange is complete. */
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
