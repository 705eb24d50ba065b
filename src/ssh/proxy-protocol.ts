/**
 * The PROXY protocol, versions 1 and 2 (haproxy.org/download/2.9/doc/proxy-protocol.txt): a load balancer tells whose
 * connection it passes on. Only trusted addresses may send it, and they must: guessing would let anybody behind the
 * balancer claim any address.
 */
import { BlockList, isIP } from "node:net";
import { UserError } from "../base/errors.ts";

/** A header. `address` is undefined when the balancer speaks for itself (a health check). */
export interface ProxyHeader {
  readonly length: number;
  readonly address: string | undefined;
}

const signature = Buffer.from([0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a]);
const maxLine = 107; // of version 1, by its specification
const maxBlock = 2048; // of version 2: addresses and extensions; real ones stay under 300

/** The header at the start of `bytes`: "more" when it is not complete yet, "bad" when there is none. */
export function parseProxyHeader(bytes: Buffer): ProxyHeader | "more" | "bad" {
  const start = bytes.subarray(0, signature.length);
  if (start.equals(signature.subarray(0, start.length))) return bytes.length < 16 ? "more" : parseBinary(bytes);
  return parseLine(bytes);
}

function parseLine(bytes: Buffer): ProxyHeader | "more" | "bad" {
  const text = bytes.subarray(0, maxLine).toString("latin1");
  const prefix = "PROXY ";
  if (text.slice(0, prefix.length) !== prefix.slice(0, text.length)) return "bad";
  const end = text.indexOf("\r\n");
  if (end < 0) return bytes.length >= maxLine ? "bad" : "more";
  const [, family, source] = text.slice(0, end).split(" ");
  if (family === "UNKNOWN") return { length: end + 2, address: undefined };
  const version = family === "TCP4" ? 4 : 6;
  if ((family !== "TCP4" && family !== "TCP6") || isIP(source ?? "") !== version) return "bad";
  return { length: end + 2, address: source };
}

function parseBinary(bytes: Buffer): ProxyHeader | "more" | "bad" {
  const command = bytes[12];
  const family = bytes[13];
  const size = bytes.readUInt16BE(14);
  if ((command !== 0x20 && command !== 0x21) || size > maxBlock) return "bad";
  if (bytes.length < 16 + size) return "more";
  const length = 16 + size;
  if (command === 0x20) return { length, address: undefined };
  if (family === 0x11 && size >= 12) return { length, address: bytes.subarray(16, 20).join(".") };
  if (family === 0x21 && size >= 36) return { length, address: hexAddress(bytes.subarray(16, 32)) };
  return { length, address: undefined };
}

function hexAddress(bytes: Buffer): string {
  const groups: string[] = [];
  for (let at = 0; at < 16; at += 2) groups.push(bytes.readUInt16BE(at).toString(16));
  return groups.join(":");
}

/** A test for addresses that may send the PROXY protocol. Throws a UserError for what is no address or network. */
export function trustedAddresses(networks: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const network of networks) addNetwork(list, network);
  return (address) => list.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}

function addNetwork(list: BlockList, network: string): void {
  const [address = "", bits] = network.split("/");
  const version = isIP(address);
  const most = version === 6 ? 128 : 32;
  const prefix = bits === undefined ? most : Number(bits);
  if (version === 0 || !/^\d+$/.test(bits ?? "0") || prefix > most) {
    throw new UserError(
      "bad-setting",
      `bad setting ssh.trustedProxies: ${network} is no address or network`,
      "Write addresses like 10.0.0.7 or networks like 10.0.0.0/8.",
    );
  }
  list.addSubnet(address, prefix, version === 6 ? "ipv6" : "ipv4");
}

/** An IPv4 address that arrived on an IPv6 socket as IPv4: limits and logs must see one name for one client. */
export function plainAddress(address: string | undefined): string {
  return (address ?? "unknown").replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, "");
}
