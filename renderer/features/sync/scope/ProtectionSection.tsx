import { Button } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { ReactElement, ReactNode } from 'react';
import type { DatabaseProtection, Protection, TableName } from '../../../../shared/domain/scope/protection';
import { objectText } from '../../../../shared/domain/scope/left-out';
import { leftOutText, objectName, passedText, refusedText } from '../../../../shared/domain/scope/left-out-text';
import type { SyncTaskView } from '../../../../shared/domain/sync/sync';
import { api } from '../../../api';
import type { CallError } from '../../../api';
import { useInstance } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { openDialog } from '../../../stores/ui';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { IconCircleMinus, IconDatabase, IconInfoCircle, IconRefresh } from '../../../ui/icons';
import { Section } from '../../../ui/Page';
import { StatusBadge } from '../../../ui/StatusBadge';
import type { Tone } from '../../../ui/StatusBadge';
import { TimeText } from '../../../ui/TimeText';
import { shortened } from '../sync-text';
import classes from './ProtectionSection.module.css';

/** What is shown is at most this old. */
const againMs = 30_000;
/** Names past this are counted. */
const shownNames = 12;
const shownDatabases = 8;

const tones: Record<Exclude<DatabaseProtection['state'], 'none'>, Tone> = { all: 'good', part: 'warn' };

/** Which databases and tables of the source this standby protects and which it does not, as both sides say now. */
export function ProtectionSection({ sync }: { sync: SyncTaskView }): ReactElement | null {
  const t = useText();
  const source = useInstance(sync.spec.sourceId)?.instance.name ?? '';
  const isLinked = sync.state === 'replicating' || sync.state === 'stopped';
  const { protection, error, again } = useProtection(sync, isLinked);
  if (!isLinked) return null;
  return (
    <Section
      title={t('sync.protection.title')}
      aside={<Button variant="subtle" leftSection={<IconRefresh size={14} />} onClick={again}>{t('common.refresh')}</Button>}
    >
      {error === null ? null : <ErrorNotice error={error} />}
      {protection !== null ? (
        <Protected sync={sync} protection={protection} source={source} />
      ) : error === null ? (
        <p className={classes.note} role="status">{t('sync.protection.reading', { source })}</p>
      ) : null}
    </Section>
  );
}

interface ProtectionReading {
  /** The last that was read; null: none was yet. */
  readonly protection: Protection | null;
  readonly error: CallError | null;
  readonly again: () => void;
}

/** What both sides say, again and again while the link stands. */
function useProtection({ id, spec }: SyncTaskView, isLinked: boolean): ProtectionReading {
  const [protection, setProtection] = useState<Protection | null>(null);
  const [error, setError] = useState<CallError | null>(null);
  const [attempt, setAttempt] = useState(0);
  const scope = JSON.stringify(spec.scope);
  useEffect(() => {
    if (!isLinked) return undefined;
    const stop = new AbortController();
    const timer = setTimeout(() => setAttempt((before) => before + 1), againMs);
    void api.sync.coverage({ id }, { signal: stop.signal }).then((answer) => {
      if (stop.signal.aborted) return;
      setError(answer.ok ? null : answer.error);
      if (answer.ok) setProtection(answer.value);
    });
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [id, scope, isLinked, attempt]);
  return { protection, error, again: () => setAttempt(attempt + 1) };
}

function Protected({ sync, protection, source }: { sync: SyncTaskView; protection: Protection; source: string }): ReactElement {
  const t = useText();
  const standby = useInstance(sync.spec.standbyId)?.instance.name ?? '';
  const { databases } = protection;
  const count = (state: DatabaseProtection['state']): number => databases.filter((one) => one.state === state).length;
  const canChange = sync.can.changeScope && sync.spec.scope.kind === 'partial';
  const change = canChange ? <Button onClick={() => openDialog({ kind: 'change-scope', syncId: sync.id })}>{t('sync.scope.change')}</Button> : null;
  return (
    <>
      <p className={classes.summary} role="status">
        {t('sync.protection.summary', { all: count('all'), part: count('part'), none: count('none') })}
      </p>
      <Names tone="bad" title={t('sync.protection.strayed', { source, standby })} names={protection.strayed} action={change} />
      <Names tone="warn" title={t('sync.protection.missing', { standby })} names={protection.missing} />
      {databases.length === 0 ? <p className={classes.note}>{t('sync.protection.empty', { source })}</p> : <Databases databases={databases} />}
      <LeftOutNames sync={sync} standby={standby} />
      <Names tone="mute" title={t('sync.protection.released', { standby })} names={protection.released} />
      <Names tone="mute" title={t('sync.protection.gone', { source })} names={protection.gone} />
    </>
  );
}

function Databases({ databases }: Pick<Protection, 'databases'>): ReactElement {
  const t = useText();
  const [all, setAll] = useState(false);
  const rest = databases.length - shownDatabases;
  return (
    <>
      <ul className={classes.databases}>
        {(all ? databases : databases.slice(0, shownDatabases)).map((one) => <Database key={one.database} one={one} />)}
      </ul>
      {rest > 0 ? <Button variant="subtle" onClick={() => setAll(!all)}>{all ? t('sync.protection.fewer') : t('sync.protection.more', { n: rest })}</Button> : null}
    </>
  );
}

function Database({ one }: { one: DatabaseProtection }): ReactElement {
  const t = useText();
  return (
    <li>
      <span className={classes.name}><IconDatabase size={13} aria-hidden /> {one.database}</span>
      {one.state === 'none' ? <span className={classes.left}><IconCircleMinus size={14} aria-hidden /> {t('sync.protection.none')}</span> : <StatusBadge tone={tones[one.state]} plain>{t(`sync.protection.${one.state}`)}</StatusBadge>}
      <span className={classes.tables}>
        {t('sync.protection.tables', { n: one.protected, m: one.protected + one.unprotected.length })}
        {one.state === 'part' ? <span className={classes.names}>{t('sync.protection.not', { names: shortened(one.unprotected, shownNames) })}</span> : null}
      </span>
    </li>
  );
}

/** What the first copy left out, why, and what has been passed over because of it. */
function LeftOutNames({ sync: { leftOut, refusedRights, waitingRights, passed }, standby }: { sync: SyncTaskView; standby: string }): ReactElement | null {
  const t = useText();
  const [all, setAll] = useState(false);
  const last = passed.last.at(-1);
  if (leftOut.length + refusedRights.length + waitingRights.length === 0 && last === undefined) return null;
  const rest = leftOut.length - shownDatabases;
  return (
    <div className={classes.notice} data-tone="warn">
      <div>
        {leftOut.length === 0 ? null : <StatusBadge tone="warn" plain>{t('sync.protection.left-out', { standby })}</StatusBadge>}
        <ul className={classes.list}>
          {(all ? leftOut : leftOut.slice(0, shownDatabases)).map((one) => <li key={`${one.kind} ${objectText(one)}`}>{leftOutText(t, one)}</li>)}
        </ul>
        {rest > 0 && !all ? <Button variant="subtle" onClick={() => setAll(true)}>{t('sync.protection.more-left-out', { n: rest })}</Button> : null}
        {refusedRights.length === 0 ? null : <p className={classes.note}>{t('sync.protection.rights', { standby })}</p>}
        <ul className={classes.list}>
          {refusedRights.map((one) => <li key={one.sql}>{refusedText(t, one)}</li>)}
        </ul>
        {waitingRights.length === 0 ? null : <p className={classes.note}>{t('sync.protection.rights-wait', { standby })}</p>}
        <ul className={classes.list}>
          {waitingRights.map((one) => <li key={`${one.kind} ${objectText(one)}`}>{objectName(t, one)}</li>)}
        </ul>
        {last === undefined ? null : <p className={classes.note}>{passedText(t, passed)} (<TimeText at={last.at} />)</p>}
      </div>
    </div>
  );
}

function Names({ tone, title, names, action = null }: { tone: Tone; title: string; names: readonly TableName[]; action?: ReactNode }): ReactElement | null {
  if (names.length === 0) return null;
  return (
    <div className={classes.notice} data-tone={tone}>
      <div>
        {tone === 'mute' ? <span className={classes.left}><IconInfoCircle size={14} aria-hidden /> {title}</span> : <StatusBadge tone={tone} plain>{title}</StatusBadge>}
        <div className={classes.list}>{shortened(names.map(({ database, name }) => `${database}.${name}`), shownNames)}</div>
      </div>
      {action}
    </div>
  );
}
