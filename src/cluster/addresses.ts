/** HOST:PORT, as nodes tell each other where they listen. */

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

export function formatAddress({ host, port }: HostPort): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** The address in a text; undefined for anything else. */
export function parseAddress(address: string): HostPort | undefined {
  const match = /^(?:\[(.+)\]|([^:]+)):(\d+)$/.exec(address);
  return match ? { host: match[1] ?? match[2] ?? "", port: Number(match[3]) } : undefined;
}
