/**
 * What the SSH edge asks of the rest of the server, and what it passes on. `P` is the caller's type of a logged-in
 * person.
 */
import type { Readable, Writable } from "node:stream";
import type { LoginPrompt } from "../auth/external/login-protocol.ts";
import type { Event } from "../base/events.ts";
import type { Terminal } from "../base/terminal.ts";

/** How somebody tried to log in. */
export type AuthenticationMethod = "password" | "keyboard-interactive" | "publickey";

/** A password to check. */
export interface PasswordAttempt {
  readonly username: string;
  readonly password: string;
  readonly address: string;
  /** Wrong passwords on this connection before. */
  readonly failures: number;
  /** Aborted when the client has left: then nobody waits for the answer. */
  readonly closed: AbortSignal;
  /**
   * Asks the person more, below an instruction of several lines; undefined where the client can't. Resolves with
   * undefined when they gave up.
   */
  readonly ask?: (questions: readonly LoginPrompt[], instruction: string) => Promise<readonly string[] | undefined>;
}

/** A key to look up. */
export interface PublicKeyAttempt {
  readonly username: string;
  /** Type of the key as in an authorized_keys file: ssh-ed25519, ecdsa-sha2-nistp256, ssh-rsa ... */
  readonly algorithm: string;
  /** The key in SSH wire format: what the base64 of an authorized_keys line contains. */
  readonly blob: Buffer;
  readonly address: string;
}

/** The result of choosing a new password during authentication. */
export type PasswordChange<P> =
  | { readonly ok: true; readonly principal: P }
  | { readonly ok: false; readonly reason: string };

/** The answer to a password. */
export type PasswordAnswer<P> =
  | { readonly kind: "accepted"; readonly principal: P }
  | {
      readonly kind: "change-required";
      /** Who logs in if the client can't be asked (method `password`): then the first screen asks. */
      readonly principal: P;
      /** Shown above the two prompts for the new password. */
      readonly instruction?: string;
      /** What is wrong with a new password, before it is asked for again; undefined when nothing is. */
      check?(newPassword: string): string | undefined;
      change(newPassword: string): Promise<PasswordChange<P>>;
    }
  /** `message` is shown where the client can show it. */
  | { readonly kind: "refused"; readonly message?: string };

/** What both kinds of requests tell about the person and the connection. */
export interface ChannelRequest<P> {
  readonly principal: P;
  readonly username: string;
  /** The client's IP address (behind a trusted proxy, the one that the proxy names). */
  readonly address: string;
  /** Aborted when the channel or its connection is gone. */
  readonly closed: AbortSignal;
}

/** An interactive login. Without a pty the terminal's `term` is "dumb". Closing the terminal ends the channel. */
export interface ShellRequest<P> extends ChannelRequest<P> {
  readonly terminal: Terminal;
}

/** `ssh host COMMAND`. The channel lives until `exit` or `exitSignal` is called, or the client leaves. */
export interface ExecRequest<P> extends ChannelRequest<P> {
  readonly command: string;
  /** Defined when the client asked for a pty (ssh -t). Read either the terminal's `onInput` or `stdin`, not both. */
  readonly terminal: Terminal | undefined;
  /** LANG, LC_* and the like, as the client sent them. */
  readonly env: ReadonlyMap<string, string>;
  readonly stdin: Readable;
  /** A write is finished when its bytes were passed to the client's socket, so back-pressure works. */
  readonly stdout: Writable;
  /** With a pty there is one stream only, as everywhere: then this writes where `stdout` does. */
  readonly stderr: Writable;
  /** Fires with a signal that the client sent, without SIG: "INT", "TERM". */
  readonly onSignal: Event<string>;
  /** Ends the channel after everything written so far was sent; idempotent. */
  exit(status: number): void;
  /** Like `exit`, for a program that a signal ended: "KILL". */
  exitSignal(name: string): void;
}

/** The rest of the server, as the SSH edge sees it. */
export interface SshHandlers<P> {
  /** Text above the first question for a password; none if empty. */
  readonly passwordInstruction?: string;
  /** Checks a password. Must do the same work and give the same answer for names that do not exist. */
  password(attempt: PasswordAttempt): Promise<PasswordAnswer<P>>;
  /**
   * The person with this key. Called for unsigned questions and signed attempts alike; the signature is checked here.
   */
  publicKey(attempt: PublicKeyAttempt): Promise<P | undefined>;
  /**
   * Name of the person, where it can differ from what was typed; everything that is counted for each person goes by it.
   */
  nameOf?(principal: P): string;
  /** Called once for a connection, when authentication is complete. */
  authenticated?(principal: P, info: { address: string; method: AuthenticationMethod; username: string }): void;
  /** Called for each failed attempt. */
  authenticationFailed?(info: { username: string; address: string; method: AuthenticationMethod }): void;
  shell(request: ShellRequest<P>): void | Promise<void>;
  exec(request: ExecRequest<P>): void | Promise<void>;
}
