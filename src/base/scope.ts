/**
 * Theory of operation: everything acquired (a descriptor, a timer, a listener, a child process) is owned by exactly one
 * scope. Closing the scope releases what it owns, last acquired first, and continues when one release fails, so that
 * one bug cannot leak everything acquired before it. Scopes nest: process > session > run, and process > connection >
 * client.
 */

/** Anything that a scope can own. */
export type Release = Disposable | AsyncDisposable | (() => void | Promise<void>);

const open = new Set<Scope>();

/** Names of the scopes that are still open; tests assert that this is empty at their end. */
export function openScopes(): readonly string[] {
  return [...open].map((scope) => scope.name);
}

/** An owner of resources, which releases them last-in-first-out, once, on every path. Safe to close more than once. */
export class Scope implements AsyncDisposable {
  readonly name: string;
  #releases: Release[] = [];
  #closing: Promise<void> | undefined;

  constructor(name: string) {
    this.name = name;
    open.add(this);
  }

  /** True from the moment `close` was first called. */
  get closed(): boolean {
    return this.#closing !== undefined;
  }

  /** Takes ownership of `resource` and returns it. A closed scope releases it at once and throws. */
  own<T extends Disposable | AsyncDisposable>(resource: T): T {
    this.defer(() => releaseOne(resource));
    return resource;
  }

  /** Runs `release` when the scope closes. The returned function withdraws it without running it. */
  defer(release: () => void | Promise<void>): () => void {
    if (this.#closing) {
      void Promise.resolve(release());
      throw new Error(`scope ${this.name} is closed`);
    }
    this.#releases.push(release);
    return () => {
      const index = this.#releases.indexOf(release);
      if (index >= 0) this.#releases.splice(index, 1);
    };
  }

  /** A scope that closes with this one at the latest, and is forgotten here when it closes earlier. */
  child(name: string): Scope {
    const child = new Scope(`${this.name}/${name}`);
    const forget = this.defer(() => child.close());
    child.defer(forget);
    return child;
  }

  /** Releases everything, newest first. Rejects with an AggregateError when releases failed, after running all. */
  close(): Promise<void> {
    this.#closing ??= this.#releaseAll();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #releaseAll(): Promise<void> {
    const errors: unknown[] = [];
    for (let release = this.#releases.pop(); release; release = this.#releases.pop()) {
      try {
        await releaseOne(release);
      } catch (error) {
        errors.push(error);
      }
    }
    open.delete(this);
    if (errors.length > 0) throw new AggregateError(errors, `scope ${this.name} did not close cleanly`);
  }
}

async function releaseOne(release: Release): Promise<void> {
  if (typeof release === "function") await release();
  else if (Symbol.asyncDispose in release) await release[Symbol.asyncDispose]();
  else release[Symbol.dispose]();
}

/** A Disposable that runs `release` at most once. */
export function disposable(release: () => void): Disposable {
  let done = false;
  return {
    [Symbol.dispose]() {
      if (done) return;
      done = true;
      release();
    },
  };
}
