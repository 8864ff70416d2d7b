/** Seeded pseudo-random numbers (splitmix32 steps): the same seed gives the same account, byte for byte. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** Uniform in [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    let z = this.#state;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return ((z ^ (z >>> 15)) >>> 0) / 2 ** 32;
  }

  /** Uniform whole number in [0, bound). */
  integer(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  hex(digits: number): string {
    let text = '';
    while (text.length < digits) text += this.integer(16).toString(16);
    return text;
  }

  /** A version 4 UUID. */
  uuid(): string {
    const hex = this.hex(30);
    const variant = (8 + this.integer(4)).toString(16);
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(12, 15)}-${variant}${hex.slice(15, 18)}-${hex.slice(18, 30)}`;
  }

  /** An independent stream, so that one part's draws do not shift another's. */
  fork(label: string): Random {
    let seed = this.#state;
    for (const char of label) seed = Math.imul(seed ^ char.charCodeAt(0), 0x01000193);
    return new Random(seed);
  }
}
