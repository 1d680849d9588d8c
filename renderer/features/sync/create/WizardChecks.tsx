import { Button, Checkbox, Loader, Select, TextInput } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import type { ReactElement } from 'react';
import { countChecks } from '../../../../shared/domain/checks/check';
import type { CheckResult } from '../../../../shared/domain/checks/check';
import { seedChoices } from '../../../../shared/domain/sync/sync';
import type { SeedChoice } from '../../../../shared/domain/sync/sync';
import { api } from '../../../api';
import type { CallError } from '../../../api';
import { useInstance, useRegionName } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { useFeatures } from '../../../stores/registry';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { formatDuration } from '../../../ui/format';
import { IconRefresh } from '../../../ui/icons';
import { StatusBadge } from '../../../ui/StatusBadge';
import { CheckList } from '../checks/CheckList';
import type { CheckActions } from '../checks/CheckList';
import { MissingObjects } from '../scope/MissingObjects';
import { SaveReport } from '../task/SaveReport';
import { withMissing } from '../scope/scope-choice';
import type { Draft, WizardStepProps } from './wizard';
import classes from './CreateSyncDialog.module.css';

const requestOf = ({ sourceId, standbyId, scope, seed, erase }: Draft): { sourceId: string; standbyId: string; scope: Draft['scope']; seed: SeedChoice; eraseTarget: boolean } => ({ sourceId, standbyId, scope, seed, eraseTarget: erase });

/** Step 3: how the first copy is made, and the checks; a miss can be fixed and checked again in place. */
export function WizardChecks({ draft, change }: WizardStepProps): ReactElement {
  const t = useText();
  const standby = useInstance(draft.standbyId);
  const region = useRegionName(standby?.instance.regionId ?? '');
  const [running, setRunning] = useState(false);
  const [busyId, setBusyId] = useState<string | null>(null);
  const [error, setError] = useState<CallError | null>(null);
  /** The server that GTIDs are being turned on for, over the wizard. */
  const [gtidFor, setGtidFor] = useState<string | null>(null);
  const GtidChange = useFeatures().slots.gtidChange;
  const stop = useRef<AbortController | null>(null);
  const { report, proposal, erase, seed } = draft;

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
  const again = (part: Partial<Draft>): void => {
    change({ ...part, report: null });
    void run({ ...draft, ...part });
  };
  // Once at the first look; a report that is there was made for this very draft.
  useEffect(() => {
    if (report === null) void run(draft);
    return () => stop.current?.abort();
    // eslint-disable-next-line react-hooks/exhaustive-deps -- later runs are the user's own
  }, []);

  const one = async (checkId: string, call: 'checkOne' | 'fix'): Promise<void> => {
    setBusyId(checkId);
    setError(null);
    const answer = await api.sync[call]({ ...requestOf(draft), checkId });
    setBusyId(null);
    if (!answer.ok) return setError(answer.error);
    const replace = (results: readonly CheckResult[]): readonly CheckResult[] => results.map((result) => (result.id === checkId ? answer.value : result));
    if (report !== null) change({ report: { ...report, results: replace(report.results) } });
  };

  const addTables: CheckActions['onAddToScope'] = (tables) => {
    if (draft.scope.kind === 'partial') again({ scope: { kind: 'partial', databases: withMissing(draft.scope.databases, tables) } });
  };
  const counts = report === null ? null : countChecks(report.results);
  const erases = proposal?.erases ?? [];
  const name = standby?.instance.name ?? '';
  return (
    <>
      <div className={classes.pair}>
        <Select
          label={t('sync.wizard.seed')}
          value={seed}
          data={seedChoices.map((choice) => {
            const alternative = proposal?.alternatives.find((other) => other.seed === choice);
            return { value: choice, label: t(`sync.seed.${choice}`), disabled: alternative !== undefined && !alternative.possible };
          })}
          onChange={(value) => again({ seed: (value ?? 'auto') as SeedChoice })}
        />
        {proposal === null ? null : (
          <p className={classes.note}>
            {t('sync.wizard.seed-proposed', { seed: t(`sync.seed.${proposal.seed}`), reason: t.message(proposal.reason) })}
            {proposal.estimateSeconds === null ? null : ` · ${t('sync.wizard.seed-estimate', { time: formatDuration(t, proposal.estimateSeconds * 1000) })}`}
          </p>
        )}
      </div>
      {erases.length === 0 || draft.scope.kind !== 'instance' || proposal?.seed === 'adopt' ? null : (
        <div className={classes.erase}>
          <StatusBadge tone="bad" plain>{t('sync.wizard.erase-title')}</StatusBadge>
          <span>{t('sync.wizard.erase-text', { name, region, databases: erases.join(', ') })}</span>
          <TextInput
            label={t('sync.wizard.erase-label', { name })}
            value={draft.eraseWord}
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => {
              const eraseWord = event.currentTarget.value;
              const agreed = eraseWord === name;
              if (agreed === erase) change({ eraseWord });
              else again({ eraseWord, erase: agreed });
            }}
          />
        </div>
      )}
      {error === null ? null : <ErrorNotice error={error} onRetry={() => void run(draft)} />}
      {running ? (
        <div className={classes.wait} role="status">
          <Loader size="xs" /> {t('sync.wizard.running-checks')}
        </div>
      ) : null}
      {report === null || counts === null || running ? null : (
        <>
          <div className={classes.wait} role="status">
            <StatusBadge tone={counts.fail > 0 ? 'bad' : counts.warn > 0 ? 'warn' : 'good'}>
              {counts.fail > 0 ? t('sync.wizard.checks-failed', { n: counts.fail }) : counts.warn > 0 ? t('sync.wizard.checks-warn', { n: counts.warn }) : t('sync.wizard.checks-pass')}
            </StatusBadge>
            <span className={classes.spring} />
            <SaveReport report={report} />
            <Button leftSection={<IconRefresh size={14} />} onClick={() => void run(draft)}>{t('sync.wizard.checks-again')}</Button>
          </div>
          <MissingObjects report={report} busy={busyId !== null} onAdd={addTables} />
          {counts.fail === 0 && counts.warn > 0 ? <Checkbox checked={draft.acceptWarnings} onChange={(event) => change({ acceptWarnings: event.currentTarget.checked })} label={t('sync.wizard.accept')} /> : null}
          <CheckList results={report.results} actions={{ busyId, onAgain: (id) => void one(id, 'checkOne'), onFix: (id) => void one(id, 'fix'), onAddToScope: addTables, ...(GtidChange === undefined ? {} : { onTurnGtidOn: (side) => setGtidFor(side === 'source' ? draft.sourceId : draft.standbyId) }) }} />
        </>
      )}
      {gtidFor === null || GtidChange === undefined ? null : (
        <GtidChange
          instanceId={gtidFor}
          onClose={() => {
            setGtidFor(null);
            void run(draft);
          }}
        />
      )}
    </>
  );
}
