/**
 * New keys after so much data or time (RFC 4253 section 9): ssh2 never starts a key exchange by itself. Also bounds
 * what a client can do with key exchanges: leave one unfinished, or start one after the other to use up our processor.
 */
import type { Connection as Ssh2Connection } from "ssh2";
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type { Scope } from "../base/scope.ts";
import { protocolOf } from "./ssh2-internals.ts";
import type { Wire } from "./wire.ts";

/** When keys are exchanged, and what is told. */
export interface RekeyOptions {
  readonly client: Ssh2Connection;
  readonly wire: Wire;
  readonly scope: Scope;
  readonly clock: Clock;
  readonly log: Log;
  readonly bytes: number;
  readonly ms: number;
  violation(reason: string): void;
}

/** How long a client may take to finish an exchange that we started. */
const patienceMs = 60_000;
/** Exchanges in a minute; ours are far fewer, and a client that rekeys after each megabyte moves 100 MB with these. */
const maxPerMinute = 100;
const minuteMs = 60_000;

/** Starts new key exchanges for the life of `scope`. To be called before the first exchange. */
export function rekeyRegularly(options: RekeyOptions): void {
  const { client, wire, scope, clock } = options;
  let bytes = 0;
  let exchanges = 0;
  let minuteBegan = clock.monotonic();
  let running: Disposable | undefined;

  const rekey = (): void => {
    if (running || wire.closed) return;
    running = clock.after(patienceMs, () => options.violation("key exchange not finished"));
    protocolOf(client).rekey();
  };
  const finished = (): void => {
    running?.[Symbol.dispose]();
    running = undefined;
    bytes = 0;
    const now = clock.monotonic();
    if (now - minuteBegan >= minuteMs) {
      exchanges = 0;
      minuteBegan = now;
    }
    exchanges += 1;
    options.log.debug("new session keys", { exchanges });
    if (exchanges > maxPerMinute) options.violation("too many key exchanges");
  };
  client.on("handshake", finished);
  // Before login, the grace timer is limit enough, and a KEXINIT of ours would only be in the way.
  client.once("ready", () => {
    scope.own(
      wire.onTraffic((size) => {
        bytes += size;
        if (bytes >= options.bytes) rekey();
      }),
    );
    scope.own(clock.every(options.ms, rekey));
  });
  scope.defer(() => running?.[Symbol.dispose]());
}
