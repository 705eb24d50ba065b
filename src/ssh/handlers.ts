/** What the ssh edge asks of the rest of the server, and what it hands over. `P` is the caller's idea of a logged-in person. */
import type { Readable, Writable } from "node:stream";
import type { Event } from "../base/events.ts";
import type { Terminal } from "../base/terminal.ts";

/** How somebody tried to log in. */
export type AuthenticationMethod = "password" | "keyboard-interactive" | "publickey";

export interface PasswordAttempt {
  readonly username: string;
  readonly password: string;
  readonly address: string;
  /** Wrong passwords on this connection before this one. */
  readonly failures: number;
  /** Aborted when the client has left: nobody waits for the answer then. */
  readonly closed: AbortSignal;
}

export interface PublicKeyAttempt {
  readonly username: string;
  /** The key's type as in an authorized_keys file: ssh-ed25519, ecdsa-sha2-nistp256, ssh-rsa ... */
  readonly algorithm: string;
  /** The key in SSH wire format: what the base64 of an authorized_keys line holds. */
  readonly blob: Buffer;
  readonly address: string;
}

/** What became of choosing a new password during authentication. */
export type PasswordChange<P> =
  | { readonly ok: true; readonly principal: P }
  | { readonly ok: false; readonly reason: string };

export type PasswordAnswer<P> =
  | { readonly kind: "accepted"; readonly principal: P }
  | {
      readonly kind: "change-required";
      /** Who logs in if the client cannot be asked (method `password`): the first screen asks instead. */
      readonly principal: P;
      /** Shown above the two prompts for the new password. */
      readonly instruction?: string;
      /** What is wrong with a new password, before it is asked for again; undefined when nothing is. */
      check?(newPassword: string): string | undefined;
      change(newPassword: string): Promise<PasswordChange<P>>;
    }
  /** `message` is shown where the client can show it: "Too many tries. Wait 8 seconds." */
  | { readonly kind: "refused"; readonly message?: string };

/** What both kinds of requests tell about the person and the connection. */
export interface ChannelRequest<P> {
  readonly principal: P;
  readonly username: string;
  /** The client's IP address (behind a trusted proxy: the one that the proxy tells). */
  readonly address: string;
  /** Aborted when the channel or its connection is gone. */
  readonly closed: AbortSignal;
}

/** An interactive login. Without a pty the terminal's `term` is "dumb". The terminal's `close` ends the channel. */
export interface ShellRequest<P> extends ChannelRequest<P> {
  readonly terminal: Terminal;
}

/** `ssh host COMMAND`. The channel lives until `exit` or `exitSignal` is called, or the client goes. */
export interface ExecRequest<P> extends ChannelRequest<P> {
  readonly command: string;
  /** There when the client asked for a pty (ssh -t). Read either the terminal's `onInput` or `stdin`, not both. */
  readonly terminal: Terminal | undefined;
  /** LANG, LC_* and the like, as the client sent them. */
  readonly env: ReadonlyMap<string, string>;
  readonly stdin: Readable;
  /** Back-pressure is honest: a write is finished when its bytes were handed to the client's socket. */
  readonly stdout: Writable;
  /** With a pty there is one stream only, as everywhere: this then writes where `stdout` does. */
  readonly stderr: Writable;
  /** A signal that the client sent, without SIG: "INT", "TERM". */
  readonly onSignal: Event<string>;
  /** Ends the channel after everything written so far was sent; idempotent. */
  exit(status: number): void;
  /** Like `exit`, for a program that a signal ended: "KILL". */
  exitSignal(name: string): void;
}

export interface SshHandlers<P> {
  /** Checks a password. Must do the same work and give the same answer for names that do not exist. */
  password(attempt: PasswordAttempt): Promise<PasswordAnswer<P>>;
  /** Whose key is it? Asked for unsigned probes and signed tries alike; the signature is checked here. */
  publicKey(attempt: PublicKeyAttempt): Promise<P | undefined>;
  /** The name of who was let in, where it can be another than was typed; everything that is counted for each person goes by it. */
  nameOf?(principal: P): string;
  /** Called once per connection when authentication is complete. */
  authenticated?(principal: P, info: { address: string; method: AuthenticationMethod; username: string }): void;
  /** Called for each failed try. */
  authenticationFailed?(info: { username: string; address: string; method: AuthenticationMethod }): void;
  shell(request: ShellRequest<P>): void | Promise<void>;
  exec(request: ExecRequest<P>): void | Promise<void>;
}
