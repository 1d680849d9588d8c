import { useEffect, useState } from 'react';
import type { DatabaseObjects } from '../../shared/domain/fleet/view';
import { api, type CallError } from '../api';

export interface SourceObjects {
  /** null: not read yet. */
  readonly objects: readonly DatabaseObjects[] | null;
  readonly error: CallError | null;
  again(): void;
}

/** The databases and tables of a server, read when they are first shown; null: of none. */
export function useSourceObjects(sourceId: string | null): SourceObjects {
  const [objects, setObjects] = useState<readonly DatabaseObjects[] | null>(null);
  const [error, setError] = useState<CallError | null>(null);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    const stop = new AbortController();
    setError(null);
    setObjects(null);
    if (sourceId === null) return;
    void api.fleet.objects({ id: sourceId }, { signal: stop.signal }).then((answer) => {
      if (stop.signal.aborted) return;
      if (answer.ok) setObjects(answer.value);
      else setError(answer.error);
    });
    return () => stop.abort();
  }, [sourceId, attempt]);
  return { objects, error, again: () => setAttempt(attempt + 1) };
}
