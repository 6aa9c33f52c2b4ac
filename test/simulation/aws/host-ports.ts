/** The ports of a host that Docker publishes containers on; a port that came free is often the next one given away. */
import type { Random } from '../random.ts';

/** Docker's range (Linux' ephemeral ports). */
const LEAST = 32_768;
const MOST = 60_999;

export class HostPorts {
  readonly #random: Random;
  readonly #used = new Map<string, Set<number>>();
  readonly #free = new Map<string, number[]>();

  constructor(random: Random) {
    this.#random = random;
  }

  take(host: string): number {
    const used = this.#used.get(host) ?? new Set();
    this.#used.set(host, used);
    const again = this.#random.chance(60) ? this.#free.get(host)?.pop() : undefined;
    let port = again ?? this.#random.int(LEAST, MOST);
    while (used.has(port)) port = this.#random.int(LEAST, MOST);
    used.add(port);
    return port;
  }

  release(host: string, port: number): void {
    this.#used.get(host)?.delete(port);
    this.#free.set(host, [...(this.#free.get(host) ?? []), port]);
  }
}
