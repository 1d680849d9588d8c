import { Button } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { shortSet, type VerificationResult } from '../../../shared/domain/verification/result';
import { api } from '../../api';
import { useAct } from '../../stores/act';
import { useNumber, useText } from '../../stores/language';
import type { PageProps } from '../../stores/registry';
import { putTask } from '../../stores/tasks';
import { openDialog } from '../../stores/ui';
import { GtidText } from '../../ui/CopyText';
import { EmptyState } from '../../ui/EmptyState';
import { ErrorNotice } from '../../ui/ErrorNotice';
import { IconEqual, IconPlayerPause, IconPlayerPlay } from '../../ui/icons';
import { InstanceName } from '../../ui/InstanceName';
import { Facts, Page, Section } from '../../ui/Page';
import { StatusBadge, type Tone } from '../../ui/StatusBadge';
import { StepList } from '../../ui/StepList';
import { TimeText } from '../../ui/TimeText';
import { History } from './History';
import { RateInput } from './RateInput';
import { ScheduleSection } from './ScheduleSection';
import { TableResults } from './TableResults';
import { usePairResults, type PairResults } from './results';
import classes from './verification.module.css';

/** Two servers compared: the proof that stands, each table, and the rows that differ side by side. */
export function VerificationPage({ page: { sourceId, standbyId } }: PageProps<'verification'>): ReactElement {
  const t = useText();
  const pair = usePairResults(sourceId, standbyId);
  const { result, task, error } = pair;
  const isAtWork = task !== null && ['pending', 'running', 'waiting', 'pausing'].includes(task.state);
  const failed = task?.error?.code === 'content-differs' ? null : (task?.error ?? null);
  return (
    <Page title={t('verification.title')} sub={<span className={classes.pair}><InstanceName id={sourceId} /> → <InstanceName id={standbyId} /></span>} actions={<Actions pair={pair} sourceId={sourceId} standbyId={standbyId} />}>
      {error === null ? null : <ErrorNotice error={error} />}
      <Headline pair={pair} />
      {failed === null ? null : <ErrorNotice error={failed} />}
      {task !== null && (isAtWork || task.state === 'paused' || failed !== null) ? <StepList steps={task.steps} label={t('verification.title')} /> : null}
      {result === null ? <EmptyState title={t('verification.never')} text={t('verification.never-text')} /> : <Found result={result} />}
      <ScheduleSection sourceId={sourceId} standbyId={standbyId} />
      <History history={pair.history} />
    </Page>
  );
}

/** The one sentence that counts. */
function Headline({ pair: { proof, result, task } }: { pair: PairResults }): ReactElement {
  const t = useText();
  const [tone, word]: [Tone, string] = result?.equal === false
    ? ['bad', t('verification.headline.different')]
    : proof !== null ? ['good', t('verification.headline.equal')] : task?.state === 'running' ? ['busy', t('verification.headline.running')] : ['mute', t('verification.none')];
  return (
    <div className={classes.headline} role="status">
      <StatusBadge tone={tone}>{word}</StatusBadge>
      {result?.equal !== false && proof !== null ? <><GtidText set={proof.gtidSet} what={t('verification.position')} /> <TimeText at={proof.at} /></> : null}
    </div>
  );
}

function Actions({ pair: { result, task, proof }, sourceId, standbyId }: { pair: PairResults; sourceId: string; standbyId: string }): ReactElement {
  const t = useText();
  const { busy, error, act } = useAct<'compare' | 'touched' | 'pause' | 'resume'>();
  const [rowsPerSecond, setRate] = useState<number | null>(null);
  const isAtWork = task !== null && ['pending', 'running', 'waiting', 'pausing'].includes(task.state);
  const rests = task?.state === 'paused' || task?.state === 'interrupted';
  const mayRepair = !isAtWork && !rests && result?.equal === false && result.rows.length > 0;
  return (
    <>
      {error === null ? null : <ErrorNotice error={error} />}
      {task !== null && task.canPause && task.state === 'running'
        ? <Button leftSection={<IconPlayerPause size={14} />} loading={busy === 'pause'} onClick={() => void act('pause', () => api.verification.pause({ id: task.id }), putTask)}>{t('verification.pause')}</Button>
        : null}
      {task !== null && rests
        ? <Button variant="filled" leftSection={<IconPlayerPlay size={14} />} loading={busy === 'resume'} onClick={() => void act('resume', () => api.verification.resume({ id: task.id }), putTask)}>{t('verification.resume')}</Button>
        : null}
      {mayRepair ? <Button onClick={() => openDialog({ kind: 'repair-rows', verificationId: result.id })}>{t('verification.repair.open')}</Button> : null}
      {isAtWork || rests ? null : <RateInput rate={rowsPerSecond} onChange={setRate} bare />}
      {proof === null || isAtWork || rests ? null : (
        <Button
          loading={busy === 'touched'} title={proof.gtidSet}
          onClick={() => void act('touched', () => api.verification.compare({ sourceId, standbyId, scope: null, touchedSince: proof.gtidSet, rowsPerSecond }), putTask)}
        >
          {t('verification.compare-touched')}
        </Button>
      )}
      <Button
        variant={isAtWork || rests ? 'default' : 'filled'} leftSection={<IconEqual size={14} />} disabled={isAtWork || rests} loading={busy === 'compare'}
        onClick={() => void act('compare', () => api.verification.compare({ sourceId, standbyId, scope: null, touchedSince: null, rowsPerSecond }), putTask)}
      >
        {t('verification.compare')}
      </Button>
    </>
  );
}

function Found({ result }: { result: VerificationResult }): ReactElement {
  const t = useText();
  const n = useNumber();
  return (
    <>
      <Section title={t('verification.last')} boxed>
        <Facts
          rows={[
            { name: t('verification.position'), value: result.gtidSet === '' ? '–' : <GtidText set={result.gtidSet} what={t('verification.position')} /> },
            { name: t('verification.how'), value: t(`verification.method.${result.method}`) },
            ...(result.touchedSince === null ? [] : [{ name: t('verification.what'), value: t('verification.touched', touchedOf(result)) }]),
            { name: t('verification.read'), value: t('verification.read-value', { tables: result.tables.length, rows: n(result.tables.reduce((sum, { rows }) => sum + rows, 0)) }) },
            { name: t('verification.paused'), value: `${n(result.pauseMs)} ms` },
            { name: t('verification.took'), value: `${n(Math.round(result.ms / 100) / 10)} s` },
            ...(result.errant === '' ? [] : [{ name: t('verification.errant'), value: <GtidText set={result.errant} what={t('verification.errant')} /> }]),
          ]}
        />
      </Section>
      <TableResults result={result} />
    </>
  );
}

/** How much was compared where only what was written since a set was. */
function touchedOf({ touchedSince, tables }: VerificationResult): { readonly since: string; readonly tables: number; readonly rows: number } {
  const byKey = tables.flatMap(({ touched }) => (touched === null ? [] : [touched]));
  return { since: shortSet(touchedSince ?? ''), tables: byKey.length, rows: byKey.reduce((sum, rows) => sum + rows, 0) };
}
