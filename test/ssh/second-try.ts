/** Each client as a person meets it who mistypes the password once: the second try is on the same connection. */
import { spawn } from "node:child_process";
import { clientHome, commandLine, finish, type SshClient } from "../support/ssh-clients.ts";
import { TerminalClient } from "../support/terminal-client.ts";
import { password, type UnderTest } from "./server-under-test.ts";

const command = "echo in at the second try";

/** What the client and the command wrote. */
export async function failOnce(client: SshClient, under: UnderTest): Promise<string> {
  await using home = await clientHome();
  if (client === "paramiko") {
    const child = spawn("/usr/bin/python3", ["-c", paramikoTwice, String(under.port), password, command], {
      stdio: "pipe",
    });
    const { stdout, stderr } = await finish(child);
    return stdout + stderr;
  }
  const { file, args } = commandLine(client, { ...under.target, command }, home.directory);
  // Without their ways to be told the password, they ask for it.
  const asking = args.filter(
    (argument, index) => argument !== "-batch" && argument !== "-pw" && args[index - 1] !== "-pw",
  );
  if (client === "plink") asking.unshift("-no-antispoof"); // which would wait for Return at the end
  await using terminal = new TerminalClient(file, asking, {
    env: { HOME: home.directory, SSH_ASKPASS_REQUIRE: "never" },
  });
  for (const [index, answer] of ["wrong", password].entries()) {
    await terminal.wait((screen) => screen.join("\n").split(/password:/i).length > index + 1);
    terminal.type(`${answer}\r`);
  }
  await terminal.exited;
  return terminal.screen().join("\n");
}

/** As Fabric and Netmiko do it: one transport, one try after the other. */
const paramikoTwice = `
import sys, paramiko
transport = paramiko.Transport(("127.0.0.1", int(sys.argv[1])))
transport.start_client()
try:
    transport.auth_password("ada", "wrong", fallback=False)
except paramiko.AuthenticationException:
    pass
transport.auth_password("ada", sys.argv[2], fallback=False)
channel = transport.open_session()
channel.exec_command(sys.argv[3])
sys.stdout.write(channel.makefile().read().decode())
transport.close()
`;
