import { useEffect, useEffectEvent, useRef, useState } from 'react';
import type { CheckResult } from '../../../../shared/domain/checks/check';
import { api } from '../../../api';
import type { CallError } from '../../../api';
import type { Draft, WizardStepProps } from './wizard';

const requestOf = ({ sourceId, standbyId, scope, seed, erase, accounts }: Draft) => ({ sourceId, standbyId, scope, seed, eraseTarget: erase, accounts });

export interface DraftChecks {
  readonly isRunning: boolean;
  /** The check that runs by itself, or is being cured. */
  readonly busyId: string | null;
  readonly error: CallError | null;
  /** Changes the draft and runs everything for what it is then; a run under way is given up. */
  again(part?: Partial<Draft>): void;
  /** `part`: what of the draft is changed first, that no other check asks for. */
  one(checkId: string, call: 'checkOne' | 'fix', part?: Partial<Draft>): Promise<void>;
}

/** The checks of a draft and the seed that is proposed for it: run at the first look, and whenever the user asks. */
export function useDraftChecks({ draft, change }: WizardStepProps): DraftChecks {
  const [isRunning, setRunning] = useState(false);
  const [busyId, setBusyId] = useState<string | null>(null);
  const [error, setError] = useState<CallError | null>(null);
  const stop = useRef<AbortController | null>(null);

  const run = async (next: Draft): Promise<void> => {
    stop.current?.abort();
    const mine = new AbortController();
    stop.current = mine;
    setRunning(true);
    setError(null);
    const [proposed, checked] = await Promise.all([
      api.sync.propose({ sourceId: next.sourceId, standbyId: next.standbyId, scope: next.scope }, { signal: mine.signal }),
      api.sync.check(requestOf(next), { signal: mine.signal }),
    ]);
    if (mine.signal.aborted) return;
    setRunning(false);
    if (!checked.ok) setError(checked.error);
    else if (!proposed.ok) setError(proposed.error);
    change({ ...(proposed.ok ? { proposal: proposed.value } : {}), ...(checked.ok ? { report: checked.value } : {}), acceptWarnings: false });
  };
  // A report that is there was made for this very draft.
  const atFirstLook = useEffectEvent(() => {
    if (draft.report === null) void run(draft);
  });
  useEffect(() => {
    atFirstLook();
    return () => stop.current?.abort();
  }, []);

  const { report } = draft;
  return {
    isRunning,
    busyId,
    error,
    again: (part) => {
      if (part !== undefined) change({ ...part, report: null });
      void run({ ...draft, ...part });
    },
    one: async (checkId, call, part = {}) => {
      change(part);
      setBusyId(checkId);
      setError(null);
      const answer = await api.sync[call]({ ...requestOf({ ...draft, ...part }), checkId });
      setBusyId(null);
      if (!answer.ok) return setError(answer.error);
      if (report !== null) change({ report: { ...report, results: replaced(report.results, answer.value) } });
    },
  };
}

function replaced(results: readonly CheckResult[], one: CheckResult): readonly CheckResult[] {
  return results.map((result) => (result.id === one.id ? one : result));
}
