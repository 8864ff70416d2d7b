import { Random } from '../../../simulator/random.ts';

/** Draws of a seed, in the words of whoever draws. */
export class Dice {
  readonly #random: Random;

  constructor(seed: number, label: string) {
    this.#random = new Random(seed).fork(label);
  }

  happens(chance: number): boolean {
    return this.#random.next() < chance;
  }

  one<T>(list: readonly T[]): T {
    return list[this.#random.integer(list.length)] as T;
  }

  /** Whole number from `from` to `to`, both included. */
  between(from: number, to: number): number {
    return from + this.#random.integer(to - from + 1);
  }

  /** `PT4M17S` */
  minute(from: number, to: number): string {
    return `PT${this.between(from, to)}M${this.between(0, 59)}S`;
  }
}
