/** A client process: some people who log in one after the other, or all at once, and type. */
import { setTimeout as delay } from "node:timers/promises";
import { serveCalls } from "../base/worker.ts";
import type { Target } from "../servers/target.ts";
import { Typing, type Echoes } from "./typing.ts";

export interface LoginRequest {
  readonly targets: readonly Target[];
  /** When each begins, milliseconds from now. */
  readonly startAfter: readonly number[];
  /** What the screen shows when it is painted. */
  readonly word: string;
  /** Of the first of them; the others have the numbers after it. */
  readonly seed: number;
}

export interface TypeRequest {
  readonly seconds: number;
  readonly keysPerSecond: number;
  /** The first so many of this process's people type; the others look. */
  readonly typists: number;
}

/** Keys that are not answered so long after the last one never will be, in milliseconds. */
const lastEchoesMs = 10_000;

const people: Typing[] = [];

const calls = {
  /** Answered as soon as the process is there: what is measured afterwards does not include its start. */
  async ready(): Promise<void> {},

  /** Milliseconds to the first paint of each, and when the last one had it, counted from the start of the call. */
  async logIn({
    targets,
    startAfter,
    word,
    seed,
  }: LoginRequest): Promise<{ firstPaints: readonly number[]; last: number }> {
    const begin = performance.now();
    const arrivals = targets.map(async (target, index) => {
      await delay(startAfter[index] ?? 0);
      return await Typing.start(target, word, seed + index);
    });
    people.push(...(await Promise.all(arrivals)));
    return { firstPaints: people.map(({ firstPaint }) => firstPaint), last: performance.now() - begin };
  },

  /** They type equally fast, each at times of their own. */
  async type({ seconds, keysPerSecond, typists }: TypeRequest): Promise<readonly Echoes[]> {
    const mean = 1000 / keysPerSecond;
    const end = performance.now() + seconds * 1000;
    const busy = people.slice(0, typists);
    await Promise.all(
      busy.map(async (person) => {
        for (let next = performance.now() + person.pause(mean); next < end; next += person.pause(mean)) {
          await delay(Math.max(0, next - performance.now()));
          person.type();
        }
      }),
    );
    const tooLate = performance.now() + lastEchoesMs;
    while (busy.some((person) => person.unanswered > 0) && performance.now() < tooLate) await delay(20);
    return busy.map((person) => person.takeEchoes());
  },

  /** Everybody ends the session; for those who have typed nothing. */
  async quit(): Promise<void> {
    await Promise.all(people.splice(0).map((person) => person.quit()));
  },

  async leave(): Promise<void> {
    for (const person of people.splice(0)) person[Symbol.dispose]();
  },
};

export type TypistCalls = typeof calls;

serveCalls(calls);
