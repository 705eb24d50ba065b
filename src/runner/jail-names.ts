/** What names of hosts, services, protocols and groups mean in a jail: what a program finds in /etc, which the host's is not shown for. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Its own addresses. The second is what a program gets that looks up its own machine. */
const hosts = `127.0.0.1 localhost
127.0.1.1 classh
::1 localhost ip6-localhost ip6-loopback
`;

/** Those that programs ask for by name. */
const services = `echo 7/tcp
echo 7/udp
discard 9/tcp
daytime 13/tcp
qotd 17/tcp
ftp-data 20/tcp
ftp 21/tcp
ssh 22/tcp
telnet 23/tcp
smtp 25/tcp mail
time 37/tcp
domain 53/tcp
domain 53/udp
tftp 69/udp
http 80/tcp www
pop3 110/tcp pop-3
ntp 123/udp
imap2 143/tcp imap
snmp 161/udp
ldap 389/tcp
https 443/tcp
https 443/udp
imaps 993/tcp
pop3s 995/tcp
mysql 3306/tcp
postgresql 5432/tcp postgres
`;

const protocols = `ip 0 IP
icmp 1 ICMP
tcp 6 TCP
udp 17 UDP
ipv6 41 IPv6
ipv6-icmp 58 IPv6-ICMP
`;

const files: Readonly<Record<string, string>> = { hosts, services, protocols };

/** The files by their names in /etc. */
export const nameFiles: readonly string[] = Object.keys(files);

/** Path of one on the host, in our own directory. */
export const nameFile = (directory: string, name: string): string => join(directory, "etc", name);

/** Writes the files, which all jails use. */
export async function writeNames(directory: string): Promise<void> {
  await mkdir(join(directory, "etc"), { recursive: true, mode: 0o700 });
  for (const [name, text] of Object.entries(files)) await writeFile(nameFile(directory, name), text, { mode: 0o600 });
}
