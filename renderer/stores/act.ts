import { useState } from 'react';
import type { CallError, Result } from '../api';

/** What a part of the window orders from the engine, one thing at a time. */
export interface Act<Name extends string> {
  /** What is under way. */
  readonly busy: Name | null;
  /** How the last one failed; gone with the next. */
  readonly error: CallError | null;
  /** Orders it and waits: `done` takes the answer, a failure stays in `error`. */
  act<Value>(name: Name, order: () => Promise<Result<Value>>, done: (value: Value) => void): Promise<void>;
}

export function useAct<Name extends string>(): Act<Name> {
  const [busy, setBusy] = useState<Name | null>(null);
  const [error, setError] = useState<CallError | null>(null);
  return {
    busy,
    error,
    act: async (name, order, done) => {
      setBusy(name);
      setError(null);
      const answer = await order();
      setBusy(null);
      if (answer.ok) done(answer.value);
      else setError(answer.error);
    },
  };
}
