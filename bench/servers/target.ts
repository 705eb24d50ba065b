/** What clients need to log in somewhere. Plain data, since it goes to other processes. */
export interface Target {
  readonly port: number;
  readonly username: string;
  readonly login:
    | { readonly kind: "key"; readonly privateKey: string }
    | { readonly kind: "password"; readonly password: string };
}

/** A server under measurement. */
export interface BenchServer extends AsyncDisposable {
  readonly name: string;
  /** One for each session. */
  readonly targets: readonly Target[];
  /** Finds the server's own processes; what it gives back tells what they have done so far, at little cost. */
  meter(): Promise<() => Promise<Work>>;
  /** Takes a second and a whole core where thousands of processes run: not while something is measured. */
  started(): Promise<Started>;
  /** Takes more seconds and a whole core where thousands of processes run: not while something is measured. */
  memory(): Promise<Memory>;
  /** By how much the server's own processes were late in the last minute or two; undefined where nobody tells. */
  delays?(): Promise<readonly Delay[]>;
}

/** Delays of one process's event loop, seconds: what a key waits for because of the server itself, not of the machine or the clients. */
export interface Delay {
  readonly node: string;
  readonly delayP50: number;
  readonly delayP99: number;
  readonly delayMax: number;
}

/** What the processes of a server have done so far. */
export interface Work {
  /** User and system time of the server's own processes so far, seconds. */
  readonly cpuSeconds: number;
  /** Of the processes that the server's own consist of, for the details: seconds. */
  readonly cpuSecondsByPart: Readonly<Record<string, number>>;
}

/** What a server has started and that still runs, its own processes apart. */
export interface Started {
  /** User and system time, seconds. */
  readonly cpuSeconds: number;
  readonly jails: number;
}

/** Proportional set sizes at one moment, bytes. */
export interface Memory {
  /** Of the server's own processes. */
  readonly own: number;
  /** Of the Pythons and their jails. */
  readonly jails: number;
}

/** The file that everybody has open. Its first line is empty: keys are typed there, so that no screen has to shift text. */
export const benchFile = `
# measurement: this word tells that the file is on the screen
def fibonacci(count):
    """The first numbers of the sequence."""
    numbers = [0, 1]
    while len(numbers) < count:
        numbers.append(numbers[-1] + numbers[-2])
    return numbers[:count]


for index, number in enumerate(fibonacci(20)):
    print(f"{index:3} {number:6}")
${Array.from({ length: 20 }, (_, index) => `print("line ${index}", ${index} * 2)\n`).join("")}`;

/** A word of that file that a screen shows nowhere else. */
export const benchWord = "measurement";
