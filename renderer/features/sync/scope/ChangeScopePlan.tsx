import { Button, Checkbox, TextInput } from '@mantine/core';
import type { ReactElement } from 'react';
import type { ScopeChangePlan } from '../../../../shared/domain/scope/change';
import type { ScopeDatabase } from '../../../../shared/domain/scope/scope';
import type { SyncTaskView } from '../../../../shared/domain/sync/sync';
import type { Translator } from '../../../../shared/i18n/translate';
import { useInstance } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { BeforeAfterTable } from '../../../ui/BeforeAfterTable';
import { formatDuration } from '../../../ui/format';
import { IconRefresh } from '../../../ui/icons';
import { CheckList } from '../checks/CheckList';
import type { CheckActions } from '../checks/CheckList';
import { AcceptWarnings, ChecksVerdict } from '../checks/ChecksVerdict';
import { verdictOf } from '../checks/verdict';
import { MissingObjects } from './MissingObjects';
import { withMissing } from './scope-choice';
import type { ScopeOrder } from './scope-order';
import { ScopeDifference } from './ScopeDifference';
import { scopeText, shortened } from '../sync-text';
import classes from '../dialog.module.css';

const shownNames = 20;

interface Props {
  readonly sync: SyncTaskView;
  readonly plan: ScopeChangePlan;
  readonly order: ScopeOrder;
  /** What is chosen, and planned again when something is changed here. */
  readonly databases: readonly ScopeDatabase[];
  readonly onChange: (databases: readonly ScopeDatabase[]) => void;
}

/** What a change of scope would do: before and after, what goes, for how long the standby stands still, the checks, the word. */
export function ChangeScopePlan({ sync, plan, order, databases, onChange }: Props): ReactElement {
  const t = useText();
  const standby = useInstance(sync.spec.standbyId)?.instance.name ?? '';
  const { results } = plan.report;
  const isBusy = order.busy !== null;
  const again = (): void => order.ask(databases);
  const addTables: CheckActions['onAddToScope'] = (tables) => {
    const widened = withMissing(databases, tables);
    onChange(widened);
    order.ask(widened);
  };
  return (
    <>
      <BeforeAfterTable rows={[{ what: t('sync.wizard.scope'), before: scopeText(t, plan.from), after: scopeText(t, plan.to) }]} />
      <ScopeDifference added={plan.added} removed={plan.removed} />
      <p className={classes.note}>{pauseText(t, plan, standby)}</p>
      {plan.removed.length === 0 ? null : <Removed standby={standby} order={order} onDrop={(drop) => order.ask(databases, drop)} />}
      {plan.phrase === null ? null : <Dropped standby={standby} plan={plan} />}
      <div className={classes.row} role="status">
        <ChecksVerdict results={results} failed="sync.scope.checks-failed" />
        <Button ml="auto" leftSection={<IconRefresh size={14} />} disabled={isBusy} onClick={again}>{t('sync.wizard.checks-again')}</Button>
      </div>
      <MissingObjects report={plan.report} busy={isBusy} onAdd={addTables} />
      <AcceptWarnings results={results} accepted={order.acceptWarnings} onAccept={order.setAcceptWarnings} />
      {verdictOf(results) === 'pass' ? null : <CheckList results={results} actions={{ busyId: isBusy ? '' : null, onAgain: again, onAddToScope: addTables }} />}
      {plan.phrase === null ? null : (
        <TextInput
          label={t('common.guard.type', { phrase: plan.phrase })}
          value={order.word}
          autoComplete="off"
          spellCheck={false}
          disabled={isBusy}
          onChange={(event) => order.setWord(event.currentTarget.value)}
        />
      )}
    </>
  );
}

/** For how long the standby stands still. */
function pauseText(t: Translator, { added, pauseSeconds }: ScopeChangePlan, standby: string): string {
  if (added.length === 0) return t('sync.scope.pause-moment', { standby });
  if (pauseSeconds === null) return t('sync.scope.pause-unknown', { standby });
  return t('sync.scope.pause', { standby, time: formatDuration(t, Math.max(1, pauseSeconds) * 1000) });
}

/** What goes out of the scope stays on the standby, unless the user says otherwise. */
function Removed({ standby, order, onDrop }: { standby: string; order: ScopeOrder; onDrop: (drop: boolean) => void }): ReactElement {
  const t = useText();
  const isDropped = order.dropRemoved;
  return (
    <div className={classes.stack}>
      {isDropped ? null : <p className={classes.note}>{t('sync.scope.stays', { standby })}</p>}
      <Checkbox checked={isDropped} disabled={order.busy !== null} onChange={(event) => onDrop(event.currentTarget.checked)} label={t('sync.scope.drop', { standby })} />
    </div>
  );
}

function Dropped({ standby, plan: { dropped, inTheWay } }: { standby: string; plan: ScopeChangePlan }): ReactElement {
  const t = useText();
  return (
    <div className={classes.erase}>
      {dropped.length === 0 ? null : <span>{t('sync.scope.drops', { standby, names: shortened(dropped, shownNames) })}</span>}
      {inTheWay.length === 0 ? null : <span>{t('sync.scope.in-the-way', { standby, names: shortened(inTheWay, shownNames) })}</span>}
    </div>
  );
}
