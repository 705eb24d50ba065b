/** The thread that reads pictures, which anybody may have made; picture-files.ts is the other side. */
import { deflateSync } from "node:zlib";
import { beWorkThread } from "../base/work-thread.ts";
import { maxHeight, maxWidth } from "../runner/picture-marks.ts";
import { readPng } from "./png.ts";

beWorkThread((question, tell) => {
  const { width, height, colours } = readPng(Buffer.from(question as Uint8Array), maxWidth, maxHeight);
  tell({ width, height, pixels: deflateSync(colours, { level: 1 }) });
});
