/**
 * The first bytes of a connection: a PROXY header where one is expected, then the client's identification line
 * ("SSH-2.0-..."). ssh2 gets the socket only afterwards, because it never completes a line that arrives in three or
 * more TCP segments, tells nobody about a client that sends nothing, and reads lines of any kind before the first one.
 */
import type { Socket } from "node:net";
import { parseProxyHeader, plainAddress } from "./proxy-protocol.ts";

/** How an introduction ended. */
export type Introduction =
  | { readonly kind: "ssh"; readonly address: string }
  /** `message` is a line for the other side, as sshd sends it before the protocol begins; empty for none. */
  | { readonly kind: "refused"; readonly message: string; readonly reason: string }
  | { readonly kind: "gone" };

/** RFC 4253 section 4.2: the line has at most 255 characters, including its end. */
const maxIdent = 255;

/**
 * Waits for the introduction. The socket is left paused, with everything from the identification line on unread.
 * Resolves with "gone" when the socket closes first; the login grace timer decides how long to wait.
 */
export function readIntroduction(socket: Socket, expectProxy: boolean): Promise<Introduction> {
  return new Promise((resolve) => {
    let received: Buffer = Buffer.alloc(0);
    let address = expectProxy ? undefined : plainAddress(socket.remoteAddress);

    const finish = (result: Introduction): void => {
      socket.pause();
      socket.off("data", onData);
      socket.off("close", onClose);
      if (result.kind === "ssh") socket.unshift(received);
      resolve(result);
    };
    const onClose = (): void => finish({ kind: "gone" });
    const onData = (chunk: Buffer): void => {
      received = Buffer.concat([received, chunk]);
      if (address === undefined) {
        const header = parseProxyHeader(received);
        if (header === "more") return;
        if (header === "bad")
          return finish({ kind: "refused", message: "", reason: "no PROXY header from a trusted proxy" });
        address = plainAddress(header.address ?? socket.remoteAddress);
        received = received.subarray(header.length);
      }
      const judged = judgeIdent(received);
      if (judged === "good") finish({ kind: "ssh", address });
      else if (judged === "bad")
        finish({ kind: "refused", message: "Invalid SSH identification string.", reason: "no SSH client" });
    };
    socket.on("data", onData);
    socket.on("close", onClose);
    if (socket.destroyed) onClose();
  });
}

function judgeIdent(bytes: Buffer): "good" | "bad" | "more" {
  const start = bytes.subarray(0, 4).toString("latin1");
  if (start !== "SSH-".slice(0, start.length)) return "bad";
  const end = bytes.subarray(0, maxIdent).indexOf("\n");
  if (end < 0) return bytes.length >= maxIdent ? "bad" : "more";
  // 1.99 is how a client says that it speaks 2.0 and older (RFC 4253 section 5.1).
  return /^SSH-(2\.0|1\.99)-\S+( .*)?\r?$/.test(bytes.subarray(0, end).toString("latin1")) ? "good" : "bad";
}
