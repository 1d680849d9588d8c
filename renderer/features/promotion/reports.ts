import { useEffect, useState } from 'react';
import type { PromotionReport } from '../../../shared/domain/promotion/promotion';
import { api } from '../../api';
import type { CallError } from '../../api';
import { useTasks } from '../../stores/tasks';
import { useLostTold } from './lost-told';

/** What an outcome means by colour. */
export const reportTones = { done: 'good', undone: 'warn', failed: 'bad' } as const;

interface Reports {
  /** Newest first; null: not read yet. */
  readonly reports: readonly PromotionReport[] | null;
  readonly error: CallError | null;
  readonly again: () => void;
}

/** Every switch report; read again when one more is there. */
export function useReports(): Reports {
  const [reports, setReports] = useState<readonly PromotionReport[] | null>(null);
  const [error, setError] = useState<CallError | null>(null);
  const [attempt, setAttempt] = useState(0);
  // The report of a switch is there a moment after its end.
  const reported = useTasks((state) => [...state.tasks.values()].filter((task) => task.isReported).length);
  const told = useLostTold();
  useEffect(() => {
    const stop = new AbortController();
    void api.promotion.reports(undefined, { signal: stop.signal }).then((answer) => {
      if (stop.signal.aborted) return;
      if (answer.ok) setReports([...answer.value].sort((a, b) => b.endedAt - a.endedAt));
      setError(answer.ok ? null : answer.error);
    });
    return () => stop.abort();
  }, [reported, attempt, told]);
  return { reports, error, again: () => setAttempt((before) => before + 1) };
}
