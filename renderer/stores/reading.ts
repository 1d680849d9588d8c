import { useEffect, useEffectEvent, useState } from 'react';
import type { CallError, Result } from '../api';

/** What a part of the window reads from the engine: the last answer, how the last attempt failed, and the act of reading again. */
export interface Reading<Value> {
  readonly value: Value | null;
  readonly error: CallError | null;
  readonly reading: boolean;
  readonly read: () => void;
}

/**
 * Reads when the part opens, for another `of`, and whenever it is asked for. What is read anew stays in place until the answer comes; of
 * another `of` nothing is. An answer that nobody waits for any more is given up.
 */
export function useReading<Value>(of: string, ask: (signal: AbortSignal) => Promise<Result<Value>>): Reading<Value> {
  const [found, setFound] = useState<{ readonly of: string; readonly value: Value } | null>(null);
  const [error, setError] = useState<CallError | null>(null);
  const [reading, setReading] = useState(false);
  const [attempt, setAttempt] = useState(0);
  // `ask` is made anew with each drawing, and asks the same.
  const begin = useEffectEvent(ask);
  useEffect(() => {
    const stop = new AbortController();
    setReading(true);
    void begin(stop.signal).then((answer) => {
      if (stop.signal.aborted) return;
      setReading(false);
      setError(answer.ok ? null : answer.error);
      if (answer.ok) setFound({ of, value: answer.value });
    });
    return () => stop.abort();
  }, [of, attempt]);
  return { value: found?.of === of ? found.value : null, error, reading, read: () => setAttempt((before) => before + 1) };
}
