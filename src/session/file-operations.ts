import { nameOf } from "../workspace/paths.ts";
import type { Workspace } from "../workspace/workspace.ts";
import type { Allowances } from "./allowances.ts";
import type { Documents } from "./documents.ts";
import type { FileTree } from "./file-tree.ts";
import { freeName } from "./free-name.ts";
import type { OpenDocument } from "./open-document.ts";
import type { OpenDocuments } from "./open-documents.ts";
import type { SessionNotices } from "./session-notices.ts";
import { studentOf } from "./student-sandboxes.ts";
import type { Showing } from "./workbench-options.ts";

/** The parts that file operations need of their session. */
export interface FileOperationsOptions {
  readonly workspace: Workspace;
  /** The folder of the person's own files, as a path. */
  readonly home: string;
  readonly tree: FileTree;
  readonly openDocuments: OpenDocuments;
  readonly documents: Documents;
  readonly notices: SessionNotices;
  readonly allowances: Allowances;
}

/** What a person does to files and folders. The tree and the open documents follow. */
export class FileOperations {
  readonly #options: FileOperationsOptions;

  constructor(options: FileOperationsOptions) {
    this.#options = options;
  }

  /** Creates an empty file and opens it. */
  async createFile(path: string, how: Showing = {}): Promise<void> {
    const { allowances, workspace, tree, documents } = this.#options;
    allowances.takeFileOperation();
    await workspace.createFile(path);
    await tree.refreshParent(path);
    await documents.open(path, how);
  }

  /** Creates a folder. */
  async createDirectory(path: string): Promise<void> {
    const { allowances, workspace, tree } = this.#options;
    allowances.takeFileOperation();
    await workspace.createDirectory(path);
    await tree.refreshParent(path);
  }

  /** Renames a file or folder; open documents follow. */
  async rename(from: string, to: string): Promise<void> {
    const { allowances, workspace, tree, documents } = this.#options;
    allowances.takeFileOperation();
    await workspace.rename(from, to);
    await documents.follow(from, to);
    await tree.refreshParent(from);
    await tree.refreshParent(to);
  }

  /** Deletes a file or a whole folder. Open documents keep their text and show that the file is gone. */
  async remove(path: string): Promise<void> {
    const { allowances, workspace, tree, openDocuments } = this.#options;
    allowances.takeFileOperation();
    await workspace.remove(path, { recursive: true });
    openDocuments.removed(path);
    await tree.refreshParent(path);
  }

  /** Copies a read-only file to the person's own files and opens the copy. Resolves with its path. */
  async copyHome(document: OpenDocument, how: Showing = {}): Promise<string> {
    const { workspace, home, tree, openDocuments, documents, notices } = this.#options;
    const path = await freeName(
      home,
      document.fileName,
      async (taken) => (await openDocuments.stampOf(taken)) !== undefined,
    );
    await workspace.writeText(path, document.content.text(), document.format);
    await tree.refresh(home);
    await documents.open(path, how);
    const own = studentOf(document.path) === undefined ? "" : " It is yours now, and runs with your permissions.";
    notices.tell("success", `Copied to your own files as ${nameOf(path)}.${own}`);
    return path;
  }
}
