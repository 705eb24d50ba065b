/** Programs of this machine that the bench compares with. */
import { access, constants } from "node:fs/promises";
import { join } from "node:path";

/** Where Debian has what is only for administrators. */
const administrators = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

/** The path of a program; undefined where this machine does not have it. */
export async function findProgram(name: string): Promise<string | undefined> {
  const directories = [...(process.env.PATH ?? "").split(":").filter((path) => path !== ""), ...administrators];
  for (const directory of directories) {
    const path = join(directory, name);
    const isThere = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return path;
  }
  return undefined;
}
