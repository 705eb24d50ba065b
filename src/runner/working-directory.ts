/** Where a program stands: in its own folder, as for whoever changes to it and types `python3 FILE`. */
import { dirname } from "node:path";
import type { JailSpec } from "./jail-spec.ts";

/** The working directory of a program. */
export interface WorkingDirectory {
  /** Path in the jail. */
  readonly path: string;
  /** A sentence for the person when it is not the program's own folder. */
  readonly note?: string;
}

/** The working directory for a file (a path in the jail): its folder, or the home where nothing can be written there. */
export function workingDirectoryOf(spec: JailSpec, file: string): WorkingDirectory {
  if (mountOf(spec, file)?.writable ?? true) return { path: dirname(file) };
  const place = file.startsWith("/staff/") ? "/staff" : "The course";
  return { path: spec.home, note: `${place} is read-only, so this program works in your home, ${spec.home}.` };
}

/** Whether programs in this jail can see a folder: it lies in a mount, or leads to one. */
export function isVisible(spec: JailSpec, folder: string): boolean {
  const below = folder === "/" ? folder : `${folder}/`;
  return mountOf(spec, folder) !== undefined || spec.mounts.some(({ target }) => target.startsWith(below));
}

function mountOf({ mounts }: JailSpec, path: string) {
  return mounts.find(({ target }) => path === target || path.startsWith(`${target}/`));
}
