import { useEffect, useState } from 'react';
import type { Proof, VerificationResult, VerificationSummary } from '../../../shared/domain/verification/result';
import type { TaskView } from '../../../shared/domain/tasks/task';
import { api } from '../../api';
import type { CallError } from '../../api';
import { useTasks } from '../../stores/tasks';

/** What the page shows of two servers. */
export interface PairResults {
  readonly proof: Proof | null;
  /** Newest first. */
  readonly history: readonly VerificationSummary[];
  /** The newest comparison or repair, whether it has ended or not; null: there was none. */
  readonly result: VerificationResult | null;
  /** Its task. */
  readonly task: TaskView | null;
  readonly error: CallError | null;
}

const againMs = 1500;

/** The newest comparison or repair of a pair, by its task. */
function useLatestTask(sourceId: string, standbyId: string): TaskView | null {
  return useTasks((state) => {
    let latest: TaskView | null = null;
    for (const task of state.tasks.values()) {
      const isOurs = (task.kind === 'verify' || task.kind === 'repair') && task.instanceIds[0] === sourceId && task.instanceIds[1] === standbyId;
      if (isOurs && (latest === null || task.createdAt > latest.createdAt)) latest = task;
    }
    return latest;
  });
}

/** What comparisons of a pair found; read again and again while one is at work. */
export function usePairResults(sourceId: string, standbyId: string): PairResults {
  const task = useLatestTask(sourceId, standbyId);
  const [read, setRead] = useState<Omit<PairResults, 'task'>>({ proof: null, history: [], result: null, error: null });
  const taskId = task?.id ?? null;
  const state = task?.state ?? null;
  const isReported = task?.isReported ?? false;
  useEffect(() => {
    const stop = new AbortController();
    const { signal } = stop;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async (): Promise<void> => {
      const [history, proof, result] = await Promise.all([
        api.verification.history(undefined, { signal }), api.verification.proof({ sourceId, standbyId }, { signal }),
        taskId === null ? null : api.verification.result({ id: taskId }, { signal }),
      ]);
      if (signal.aborted) return;
      const failed = [history, proof, result].find((answer) => answer !== null && !answer.ok);
      setRead((before) => ({
        history: history.ok ? history.value.filter((one) => one.sourceId === sourceId && one.standbyId === standbyId).reverse() : before.history,
        proof: proof.ok ? proof.value : before.proof,
        result: result === null ? null : result.ok ? result.value : before.result,
        error: failed !== undefined && failed !== null && !failed.ok ? failed.error : null,
      }));
      if (state === 'running' || state === 'pending') timer = setTimeout(() => void ask(), againMs);
    };
    void ask();
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [sourceId, standbyId, taskId, state, isReported]);
  return { ...read, task };
}
