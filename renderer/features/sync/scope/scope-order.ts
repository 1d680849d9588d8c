import { useState } from 'react';
import type { ScopeChangePlan } from '../../../../shared/domain/scope/change';
import type { ScopeDatabase } from '../../../../shared/domain/scope/scope';
import type { SyncTaskView } from '../../../../shared/domain/sync/sync';
import { api, type CallError } from '../../../api';
import { useAct } from '../../../stores/act';
import { putSync } from '../../../stores/tasks';
import { closeDialog } from '../../../stores/ui';
import { mayChange } from './scope-change';

export interface ScopeOrder {
  /** What the change would do; null: it is still being chosen. */
  readonly plan: ScopeChangePlan | null;
  readonly busy: 'plan' | 'change' | null;
  readonly error: CallError | null;
  readonly isReady: boolean;
  readonly dropRemoved: boolean;
  readonly acceptWarnings: boolean;
  readonly word: string;
  setAcceptWarnings(accept: boolean): void;
  setWord(word: string): void;
  /** Plans for these databases, and for dropping or not what goes out of the scope. */
  ask(databases: readonly ScopeDatabase[], drop?: boolean): void;
  /** Back to the choice. */
  edit(): void;
  /** Makes the change that was planned; then the dialog closes. */
  change(databases: readonly ScopeDatabase[]): void;
}

/** A change of a task's scope: planned as often as the user likes, then made with the word and the assent that its plan asks for. */
export function useScopeOrder({ id }: SyncTaskView): ScopeOrder {
  const [plan, setPlan] = useState<ScopeChangePlan | null>(null);
  const [dropRemoved, setDropRemoved] = useState(false);
  const [acceptWarnings, setAcceptWarnings] = useState(false);
  const [word, setWord] = useState('');
  const { busy, error, act } = useAct<'plan' | 'change'>();
  const scopeOf = (databases: readonly ScopeDatabase[]) => ({ kind: 'partial' as const, databases });
  return {
    plan, busy, error, dropRemoved, acceptWarnings, word, setAcceptWarnings, setWord,
    isReady: plan !== null && mayChange(plan, acceptWarnings, word),
    ask: (databases, drop = dropRemoved) => {
      setDropRemoved(drop);
      setAcceptWarnings(false);
      void act('plan', () => api.sync.planScope({ id, scope: scopeOf(databases), dropRemoved: drop }), setPlan);
    },
    edit: () => setPlan(null),
    change: (databases) => {
      const phrase = plan?.phrase === null ? null : word;
      void act('change', () => api.sync.changeScope({ id, scope: scopeOf(databases), dropRemoved, acceptWarnings, phrase }), (changed) => {
        putSync(changed);
        closeDialog();
      });
    },
  };
}
