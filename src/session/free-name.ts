/** A name that no file in a folder has: "area.py", "area-2.py", "area-3.py"... */
import { UserError } from "../base/errors.ts";

/** The path of the first free name. Throws `exists` when a hundred are taken. */
export async function freeName(
  folder: string,
  name: string,
  isTaken: (path: string) => Promise<boolean>,
): Promise<string> {
  const dot = name.lastIndexOf(".");
  const stem = dot > 0 ? name.slice(0, dot) : name;
  const ending = dot > 0 ? name.slice(dot) : "";
  for (let count = 1; count <= 100; count++) {
    const path = `${folder}/${count === 1 ? name : `${stem}-${count}${ending}`}`;
    if (!(await isTaken(path))) return path;
  }
  throw new UserError("exists", `there are too many copies of ${name}`, "Delete some of them first.");
}
