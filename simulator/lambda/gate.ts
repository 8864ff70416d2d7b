/**
 * Whether an execution environment runs. Lambda freezes an environment between invocations: what falls due meanwhile
 * happens when the next invocation thaws it. A killed environment (time-out, crash, exit) never runs again.
 */
export class Gate {
  #state: 'open' | 'frozen' | 'closed' = 'open';
  #held: (() => void)[] = [];

  run(task: () => void): void {
    if (this.#state === 'open') task();
    else if (this.#state === 'frozen') this.#held.push(task);
  }

  freeze(): void {
    if (this.#state === 'open') this.#state = 'frozen';
  }

  thaw(): void {
    if (this.#state !== 'frozen') return;
    this.#state = 'open';
    const held = this.#held;
    this.#held = [];
    for (const task of held) this.run(task);
  }

  close(): void {
    this.#state = 'closed';
    this.#held = [];
  }

  get closed(): boolean {
    return this.#state === 'closed';
  }
}
