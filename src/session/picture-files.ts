/** Pictures in files, made small in a thread with bounds: nobody's keys wait for it, and nothing of it is obeyed. */
import { UserError } from "../base/errors.ts";
import { programFile } from "../base/program-file.ts";
import { WorkThread } from "../base/work-thread.ts";
import type { SentPicture } from "../runner/picture-marks.ts";
import { PictureLine } from "./picture-line.ts";
import type { Workspace } from "../workspace/workspace.ts";
import { nameOf } from "../workspace/paths.ts";

/** Largest file that is looked at, in bytes. */
const maxFile = 16 << 20;
/** Heap of the thread; what it takes apart is bounded in png.ts. */
const memoryMebibytes = 64;
const maxMs = 10_000;
/** Pictures are read two at once, of all sessions of this process. */
const line = new PictureLine(2);

/** Who looks at a picture, and until when. */
export interface Looking {
  readonly who: string;
  readonly signal: AbortSignal;
}

/** Whether a path is shown as a picture. */
export function isPicture(path: string): boolean {
  return /\.(png|jpe?g|gif|webp|bmp)$/i.test(path);
}

/** The picture in a file. Throws a UserError for what can't be shown, and the signal's reason. */
export async function readPicture(workspace: Workspace, path: string, { who, signal }: Looking): Promise<SentPicture> {
  const name = nameOf(path);
  if (!/\.png$/i.test(path))
    throw new UserError(
      "not-a-file",
      `only PNG pictures can be shown, not ${name}`,
      `With Python's Pillow: Image.open("${name}").save("picture.png")`,
    );
  return await line.read(who, signal, async () => {
    // Not before: what waits takes no memory.
    const bytes = await workspace.readBytes(path);
    if (bytes.length > maxFile)
      throw new UserError("too-large", `too large to be shown: ${name}`, "Pictures of up to 16 MiB are.");
    return { ...(await inThread(bytes, signal)), name };
  });
}

async function inThread(bytes: Buffer, given: AbortSignal): Promise<Omit<SentPicture, "name">> {
  await using thread = new WorkThread(programFile("session/picture-thread").file, memoryMebibytes);
  let picture: Omit<SentPicture, "name"> | undefined;
  const late = AbortSignal.timeout(maxMs);
  const work = thread.do(bytes, {
    signal: AbortSignal.any([given, late]),
    onNews: (news) => {
      const { width, height, pixels } = news as {
        readonly width: number;
        readonly height: number;
        readonly pixels: Uint8Array;
      };
      picture = { width, height, pixels: Buffer.from(pixels) };
    },
  });
  await work.catch((error: unknown) => {
    if (!late.aborted || given.aborted) throw error;
    throw new UserError("too-large", "this picture takes too long to be read", "Make it smaller first.");
  });
  if (!picture) throw new Error("the thread has read no picture");
  return picture;
}
