import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { isExecutable, type Plan } from '../../shared/domain/tasks/plan';
import type { CallError, Result } from '../api';

/**
 * Where a dialog stands that shows what will be done before it is done. `reading`: nothing to show yet; `reading-again`: over
 * the plan that is shown; `failed`: nothing could be read; `outdated`: the choices are no longer those of the plan;
 * `needs-word`: all but the word.
 */
export type PlanPhase = 'reading' | 'reading-again' | 'failed' | 'starting' | 'refused' | 'expired' | 'outdated' | 'needs-word' | 'ready';

export interface PlanState {
  readonly plan: Pick<Plan, 'preconditions' | 'expiresAt'> | null;
  readonly isReading: boolean;
  readonly isStarting: boolean;
  /** The choices were changed since, and no plan was read for them. */
  readonly isOutdated: boolean;
  readonly word: string;
  /** What must be typed; null: it cannot be known yet. */
  readonly phrase: string | null;
}

/** The phase of a dialog over a plan. Only in `ready` may the plan be executed. `now` in ms. Pure. */
export function planPhase({ plan, isReading, isStarting, isOutdated, word, phrase }: PlanState, now: number): PlanPhase {
  if (isStarting) return 'starting';
  if (isReading) return plan === null ? 'reading' : 'reading-again';
  if (plan === null) return 'failed';
  if (!isExecutable(plan)) return 'refused';
  if (isExpired(plan, now)) return 'expired';
  if (isOutdated) return 'outdated';
  return word === phrase ? 'ready' : 'needs-word';
}

/** What it was computed from may have changed: the engine would refuse it. `now` in ms. */
export function isExpired(plan: Pick<Plan, 'expiresAt'>, now: number): boolean {
  return now > plan.expiresAt;
}

export interface PlanDraft<P, Options> {
  /** The last one that was read, while it holds. */
  readonly plan: P | null;
  readonly options: Options;
  readonly isReading: boolean;
  readonly isStarting: boolean;
  /** How the last reading or the start failed. */
  readonly error: CallError | null;
  readonly word: string;
  setWord(word: string): void;
  /** Changes the choices; the plan stays as it was until {@link read}. */
  setOptions(options: Options): void;
  /** Asks for a plan for these choices; a question under way is given up. */
  read(options?: Options): Promise<void>;
  execute(): Promise<void>;
}

/**
 * Plan, word, run: a plan is read when the dialog opens and whenever the user asks, and executed by its id with the word
 * that was typed. A start that fails leaves all as it was, with the error.
 */
export function usePlanDraft<P extends Plan, Options>(
  first: Options,
  calls: {
    readonly read: (options: Options, signal: AbortSignal) => Promise<Result<P>>;
    readonly execute: (order: { planId: string; phrase: string }) => Promise<Result<{ readonly taskId: string }>>;
    readonly onRead?: (plan: P) => void;
    /** While the engine is asked to start, the dialog must not go away. */
    readonly onBusy: (busy: boolean) => void;
    readonly onStarted: (taskId: string, plan: P) => void;
  },
): PlanDraft<P, Options> {
  const [options, setOptions] = useState(first);
  const [plan, setPlan] = useState<P | null>(null);
  const [isReading, setReading] = useState(false);
  const [isStarting, setStarting] = useState(false);
  const [error, setError] = useState<CallError | null>(null);
  const [word, setWord] = useState('');
  const latest = useRef<AbortController | null>(null);

  const read = async (next: Options = options): Promise<void> => {
    latest.current?.abort();
    const mine = new AbortController();
    latest.current = mine;
    setOptions(next);
    setReading(true);
    setError(null);
    const answer = await calls.read(next, mine.signal);
    if (mine.signal.aborted) return;
    setReading(false);
    setPlan(answer.ok ? answer.value : null);
    if (answer.ok) calls.onRead?.(answer.value);
    else setError(answer.error);
  };
  const readAtOpening = useEffectEvent(() => void read());
  useEffect(() => {
    readAtOpening();
    return () => latest.current?.abort();
  }, []);

  const execute = async (): Promise<void> => {
    if (plan === null) return;
    setStarting(true);
    calls.onBusy(true);
    setError(null);
    const answer = await calls.execute({ planId: plan.id, phrase: word });
    setStarting(false);
    calls.onBusy(false);
    if (answer.ok) calls.onStarted(answer.value.taskId, plan);
    else setError(answer.error);
  };
  return { plan, options, isReading, isStarting, error, word, setWord, setOptions, read, execute };
}
