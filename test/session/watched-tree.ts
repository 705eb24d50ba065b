/** The files of one session as they are kept true: the tree, one open document, and counts of the work that changes cause. */
import { Emitter } from "../../src/base/events.ts";
import type { Clock } from "../../src/base/clock.ts";
import { silentLog } from "../../src/base/log.ts";
import { Scope } from "../../src/base/scope.ts";
import { Participant } from "../../src/editor/participant.ts";
import { Attendance } from "../../src/session/attendance.ts";
import { FileTree } from "../../src/session/file-tree.ts";
import { OpenDocuments } from "../../src/session/open-documents.ts";
import { TreeWatch } from "../../src/session/tree-watch.ts";
import type { Workspace } from "../../src/workspace/workspace.ts";

export class WatchedTree implements AsyncDisposable {
  readonly tree: FileTree;
  readonly attendance: Attendance;
  readonly documents: OpenDocuments;
  readonly #scope = new Scope("watched tree");
  /** Readings of folders at once, now and at most. */
  #reading = 0;
  maxReading = 0;
  listings = 0;
  stats = 0;
  redraws = 0;

  constructor(workspace: Workspace, clock: Clock) {
    this.#count(workspace);
    this.tree = new FileTree(workspace, silentLog);
    this.attendance = new Attendance(clock);
    this.#scope.own(this.tree.onChange(() => void this.redraws++));
    const owner = new Participant({ name: "Ada" });
    this.documents = new OpenDocuments({
      scope: this.#scope,
      workspace,
      owner,
      limit: 20,
      notify: () => undefined,
      clock,
      log: silentLog,
    });
    this.#scope.own(
      new TreeWatch({
        tree: this.tree,
        workspace,
        attendance: this.attendance,
        documents: this.documents,
        courseChanges: new Emitter<readonly string[]>().on,
      }),
    );
  }

  forgetCounts(): void {
    this.listings = 0;
    this.stats = 0;
    this.redraws = 0;
  }

  /** The tree has a row for what is in the folder, and for nothing else. */
  async isTrue(folder: string): Promise<boolean> {
    const { entries } = await this.#list(folder);
    const rows = this.tree.rows.filter(
      ({ path, kind }) => path.slice(0, path.lastIndexOf("/")) === folder && kind !== "more",
    );
    return entries.map(({ path }) => path).join("\n") === rows.map(({ path }) => path).join("\n");
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#scope.close();
  }

  #list: Workspace["list"] = () => Promise.reject(new Error("not counted yet"));

  #count(workspace: Workspace): void {
    this.#list = workspace.list.bind(workspace);
    const stat = workspace.stat.bind(workspace);
    workspace.stat = (path) => {
      this.stats++;
      return stat(path);
    };
    workspace.list = async (path) => {
      this.listings++;
      this.maxReading = Math.max(this.maxReading, ++this.#reading);
      try {
        return await this.#list(path);
      } finally {
        this.#reading--;
      }
    };
    this.#scope.defer(() => void Object.assign(workspace, { list: this.#list, stat }));
  }
}
