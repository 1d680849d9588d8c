import { Button } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import type { FailbackView, RejoinWay, WayVerdict } from '../../../../shared/domain/promotion/failback/failback';
import { api, type CallError } from '../../../api';
import { useNow } from '../../../stores/clock';
import { useInstance } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import type { PageProps } from '../../../stores/registry';
import { useTask } from '../../../stores/tasks';
import { go } from '../../../stores/ui';
import { GtidText } from '../../../ui/CopyText';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { Fold } from '../../../ui/Fold';
import { formatAgo, formatDuration } from '../../../ui/format';
import { Page, Section } from '../../../ui/Page';
import { WatchingNotes } from '../../../ui/QuietNote';
import { SqlBlock } from '../../../ui/SqlBlock';
import { StatusBadge, type Tone } from '../../../ui/StatusBadge';
import { Waiting } from '../../../ui/Waiting';
import { StageActs } from './StageActs';
import { StageRail } from './StageRail';
import { useFailback, type FailbackState } from './useFailback';
import classes from './failback.module.css';

/**
 * The way home after an emergency. Its stages stand at the left; at the right the one of now: what was seen on the servers, what comes
 * next with its SQL, what is for the user to decide.
 */
export function FailbackPage({ page }: PageProps<'failback'>): ReactElement {
  const t = useText();
  const state = useFailback(page.instanceId);
  const { view, error } = state;
  if (view === null) return <Page title={t('failback.page.title', { name: '' })}>{error === null ? <Waiting>{t('failback.page.reading')}</Waiting> : <ErrorNotice error={error} />}</Page>;
  return (
    <Page
      title={<>{t('failback.page.title', { name: view.oldName })} <StatusBadge tone={toneOf(view)}>{t(`failback.stage.${view.stage}`)}</StatusBadge></>}
      sub={t('failback.page.sub', { name: view.oldName, successor: view.successorName })}
    >
      {error === null ? null : <ErrorNotice error={error} />}
      <div className={classes.columns}>
        <StageRail view={view} />
        <StageNow view={view} act={state.act} />
      </div>
    </Page>
  );
}

function toneOf({ stage, outcome }: FailbackView): Tone {
  if (outcome === 'cancelled') return 'calm';
  if (stage === 'done') return 'good';
  if (stage === 'secure' || stage === 'divergent') return 'bad';
  return stage === 'away' || stage === 'unwatched' ? 'mute' : 'warn';
}

/** That it is not watched, on whose word, and the way to end that. */
function Unwatched({ id }: { id: string }): ReactElement | null {
  const view = useInstance(id);
  return view === undefined || view.paused === null ? null : <WatchingNotes view={view} />;
}

function StageNow({ view, act }: { view: FailbackView; act: FailbackState['act'] }): ReactElement {
  const t = useText();
  const now = useNow();
  const task = useTask(view.taskId);
  const step = task?.steps.find(({ state }) => state === 'running');
  return (
    <div className={classes.now}>
      <section className={classes.next} aria-live="polite">
        <h2>{t.message(view.next)}</h2>
        {view.stage === 'unwatched' ? [view.oldId, view.successorId].map((id) => <Unwatched key={id} id={id} />) : null}
        {view.outcome === 'cancelled' ? <p>{t('failback.page.cancelled')}</p> : null}
        {step === undefined ? null : <Waiting>{t.message(step.title)}</Waiting>}
        {view.error === null || view.taskId !== null ? null : <ErrorNotice error={view.error} />}
        <StageActs view={view} act={act} />
      </section>
      <Section title={t('failback.page.saw')} aside={<ToComparison view={view} />}>
        <ul className={classes.saw}>{view.saw.map((one, index) => <li key={index}>{t.message(one)}</li>)}</ul>
        {view.proven === null ? null : <p className={classes.proven}><StatusBadge tone="good">{t('failback.page.proven', { ago: formatAgo(t, view.proven.at, now) })}</StatusBadge></p>}
      </Section>
      {view.divergence === null || view.divergence.count === 0 ? null : (
        <Section
          title={t('failback.page.divergent', { n: view.divergence.count })}
          aside={<Button onClick={() => go({ id: 'dossier', instanceId: view.oldId })}>{t('dossier.open')}</Button>}
        >
          <GtidText set={view.divergence.set} what={t('rejoin.copy-set')} />
        </Section>
      )}
      {view.ways.length === 0 ? null : <Section title={t('failback.page.ways')}><Ways view={view} act={act} /></Section>}
      {view.sql.length === 0 ? null : <Fold title={t('failback.page.sql')} aside={t('failback.page.sql-count', { n: view.sql.length })}><SqlBlock statements={view.sql} /></Fold>}
    </div>
  );
}

/** The comparison that the way back rests on, row by row; none before there is a link. */
function ToComparison({ view: { stage, oldId, successorId, syncId } }: { view: FailbackView }): ReactElement | null {
  const t = useText();
  if (syncId === null) return null;
  const [sourceId, standbyId] = stage === 'verify-forward' || stage === 'done' ? [oldId, successorId] : [successorId, oldId];
  return <Button onClick={() => go({ id: 'verification', sourceId, standbyId })}>{t('verification.open')}</Button>;
}

function Ways({ view, act }: { view: FailbackView; act: FailbackState['act'] }): ReactElement {
  const t = useText();
  const [error, setError] = useState<CallError | null>(null);
  const mayChoose = view.startedAt !== null && view.outcome === null && view.taskId === null;
  const choose = async (way: RejoinWay): Promise<void> => setError(await act(() => api.failback.choose({ oldId: view.oldId, way })));
  const badge = ({ way, possible }: WayVerdict): ReactElement => {
    if (way === view.way) return <StatusBadge tone="good">{t('failback.page.chosen')}</StatusBadge>;
    return possible ? <>{t('failback.page.possible')}</> : <StatusBadge tone="bad">{t('failback.page.impossible')}</StatusBadge>;
  };
  return (
    <>
      {error === null ? null : <ErrorNotice error={error} />}
      <table className={classes.ways}>
        <tbody>
          {view.ways.map((verdict) => (
            <tr key={verdict.way}>
              <th scope="row">{t(`failback.way.${verdict.way}`)}</th>
              <td>{badge(verdict)}</td>
              <td className={classes.reason}>{t.message(verdict.reason)}</td>
              <td className={classes.estimate}>
                {verdict.estimateSeconds === null || !verdict.possible ? null : t('sync.wizard.seed-estimate', { time: formatDuration(t, verdict.estimateSeconds * 1000) })}
              </td>
              <td>
                {!mayChoose || !verdict.possible || verdict.way === view.way ? null : (
                  <Button aria-label={`${t('failback.page.choose')}: ${t(`failback.way.${verdict.way}`)}`} onClick={() => void choose(verdict.way)}>{t('failback.page.choose')}</Button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
