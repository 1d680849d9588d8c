/** How a store comes to know everything, and keeps what it is told meanwhile. */
export interface Whole<State> {
  /** Makes a change that an event or the answer of a command tells. */
  change(make: (state: State) => Partial<State>): void;
  /** Asks for everything; calls while one is under way are folded into one more. */
  load(): Promise<void>;
}

/**
 * `ask` gives what the answers say as a change. An answer may be older than an event that overtook it: what is told between the
 * question and the answer is made again on top of it. That is never wrong for long: whatever changed after an event was sent
 * comes with an event of its own.
 */
export function wholeOf<State>(set: (make: (state: State) => Partial<State>) => void, ask: () => Promise<(state: State) => Partial<State>>): Whole<State> {
  let asking: Promise<void> | null = null;
  let askAgain = false;
  let told: ((state: State) => Partial<State>)[] = [];

  const once = async (): Promise<void> => {
    told = [];
    set(await ask());
    for (const make of told) set(make);
  };
  return {
    change(make) {
      if (asking !== null) told.push(make);
      set(make);
    },
    load() {
      if (asking !== null) {
        askAgain = true;
        return asking;
      }
      asking = (async () => {
        do {
          askAgain = false;
          await once();
        } while (askAgain);
      })().finally(() => {
        asking = null;
        told = [];
      });
      return asking;
    },
  };
}
