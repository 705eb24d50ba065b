/**
 * One watcher over the course for all sessions: when a professor changes a file, every student's browser shows it. The
 * folders of the course belong to teachers, so a watcher by path (chokidar) is right here; students' homes, where a
 * hostile program can swap folders for links at any moment, are watched through descriptors (watch.ts). Neither follows
 * links.
 */
import { join } from "node:path";
import { watch, type FSWatcher } from "chokidar";
import type { Clock } from "../base/clock.ts";
import { Emitter } from "../base/events.ts";
import type { Log } from "../base/log.ts";
import { courseFolders } from "./paths.ts";

/** What is watched. */
export interface CourseWatchOptions {
  /** DIR/files. */
  readonly directory: string;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Deeper folders are read when they are opened and not watched: each watched file costs the kernel an inotify watch.
 */
const depth = 6;
/** How long changes are gathered: a professor who unpacks an archive makes many. */
const pauseMs = 100;
/** Folders told of one burst; with more, the top folders are told. */
const maxFolders = 200;

/** The watcher over the course. */
export class CourseWatch implements AsyncDisposable {
  /** Resolves when changes from then on are noticed. */
  readonly ready: Promise<void>;
  readonly #directory: string;
  readonly #clock: Clock;
  readonly #watcher: FSWatcher;
  readonly #changed = new Emitter<readonly string[]>();
  readonly #pending = new Set<string>();
  #timer: Disposable | undefined;

  constructor({ directory, clock, log }: CourseWatchOptions) {
    this.#directory = directory;
    this.#clock = clock;
    const folders = courseFolders.map((name) => join(directory, name));
    this.#watcher = watch(folders, { followSymlinks: false, ignoreInitial: true, depth, ignorePermissionErrors: true });
    this.#watcher.on("error", (error) => log.warn("the course is not watched completely", { error }));
    this.#watcher.on("all", (_event, path) => this.#note(path));
    this.ready = new Promise((resolve) => this.#watcher.on("ready", () => resolve()));
  }

  /** Fires with folders in which something changed, in the path language. */
  get onChange() {
    return this.#changed.on;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#timer?.[Symbol.dispose]();
    await this.#watcher.close();
  }

  #note(path: string): void {
    const names = path.slice(this.#directory.length + 1).split("/");
    const folder = this.#pending.size < maxFolders ? names.slice(0, -1) : names.slice(0, 1);
    this.#pending.add(["/course", ...folder].join("/"));
    this.#timer ??= this.#clock.after(pauseMs, () => this.#tell());
  }

  #tell(): void {
    this.#timer = undefined;
    const folders = [...this.#pending];
    this.#pending.clear();
    this.#changed.emit(folders);
  }
}
