import { useCallback, useEffect, useState } from 'react';
import type { FailbackView } from '../../../../shared/domain/promotion/failback/failback';
import { api } from '../../../api';
import type { CallError, Result } from '../../../api';
import { useTasks } from '../../../stores/tasks';

/** How often both servers are looked at while the page is open, milliseconds. */
const everyMs = 3000;

export interface FailbackState {
  /** null: not read yet. */
  readonly view: FailbackView | null;
  readonly error: CallError | null;
  /** Does something, and shows what came of it; what it failed with, or null. */
  readonly act: (call: () => Promise<Result<FailbackView>>) => Promise<CallError | null>;
}

/** Where a failback stands, read from the servers again and again, and at once when a task on the old primary ends. */
export function useFailback(oldId: string): FailbackState {
  const [view, setView] = useState<FailbackView | null>(null);
  const [error, setError] = useState<CallError | null>(null);
  const [turn, setTurn] = useState(0);
  const again = useCallback(() => setTurn((before) => before + 1), []);
  const ended = useTasks((state) => [...state.tasks.values()].filter((task) => task.instanceIds.includes(oldId) && task.endedAt !== null).length);
  const take = useCallback((answer: Result<FailbackView>): CallError | null => {
    if (answer.ok) setView(answer.value);
    setError(answer.ok ? null : answer.error);
    return answer.ok ? null : answer.error;
  }, []);
  useEffect(() => {
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    void api.failback.show({ oldId }, { signal: stop.signal }).then((answer) => {
      if (stop.signal.aborted) return;
      take(answer);
      // From the answer on: a server that hangs takes as long as it takes, and is not asked twice at once.
      timer = setTimeout(again, everyMs);
    });
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [oldId, ended, turn, take, again]);
  return {
    view,
    error,
    act: async (call) => {
      const answer = await call();
      again();
      if (answer.ok) setView(answer.value);
      return answer.ok ? null : answer.error;
    },
  };
}
