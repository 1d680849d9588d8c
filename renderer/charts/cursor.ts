import { useSyncExternalStore } from 'react';

/** The moment that is pointed at, the same in all charts of a page; outside of React, as it moves with the pointer. */
export class Cursor {
  #at: number | null = null;
  readonly #listeners = new Set<() => void>();

  readonly read = (): number | null => this.#at;

  readonly set = (at: number | null): void => {
    if (at === this.#at) return;
    this.#at = at;
    for (const listener of [...this.#listeners]) listener();
  };

  readonly listen = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
}

/** The moment that is pointed at; null: none. */
export function useCursor(cursor: Cursor): number | null {
  return useSyncExternalStore(cursor.listen, cursor.read);
}
