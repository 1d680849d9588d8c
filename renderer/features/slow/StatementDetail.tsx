import { Button, Checkbox } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import type { Explained } from '../../../shared/domain/slow/plan';
import type { SlowReport, SlowStatement } from '../../../shared/domain/slow/report';
import { api } from '../../api';
import type { CallError } from '../../api';
import { useNumber, useText } from '../../stores/language';
import { CopyButton, CopyText } from '../../ui/CopyText';
import { ErrorNotice } from '../../ui/ErrorNotice';
import { formatDuration } from '../../ui/format';
import { Facts } from '../../ui/Page';
import { PlanTree } from '../../ui/PlanTree';
import { TimeText } from '../../ui/TimeText';
import { StatementTrend } from './StatementTrend';
import classes from './slow.module.css';

/** One statement whole: its text, what else was counted, and the server's plan where it is asked for. */
export function StatementDetail({ instanceId, source, minutes, statement }: {
  instanceId: string; source: SlowReport['source']; minutes: number | null; statement: SlowStatement;
}): ReactElement {
  const t = useText();
  const n = useNumber();
  const time = (micro: number | null): string => (micro === null ? '–' : formatDuration(t, micro / 1000));
  const { p99, max, lockTime, rowsAffected, tmpTables, tmpDiskTables, firstSeen, lastSeen, digest, text } = statement;
  return (
    <div className={classes.detail}>
      <div className={classes.text}><pre tabIndex={0} aria-label={t('slow.column.statement')}>{text}</pre><CopyButton text={text} what={t('slow.column.statement')} /></div>
      <Facts rows={[
        ...(p99 === null ? [] : [{ name: t('slow.column.p99'), value: time(p99) }]),
        { name: t('slow.column.max'), value: time(max) }, { name: t('slow.lock-time'), value: time(lockTime) },
        // The log does not tell.
        ...(source === 'log' ? [] : [{ name: t('slow.rows-affected'), value: n(rowsAffected) }, { name: t('slow.tmp-tables'), value: `${n(tmpTables)} · ${n(tmpDiskTables)}` }]),
        { name: t('slow.first-seen'), value: <TimeText at={firstSeen} /> }, { name: t('slow.last-seen'), value: <TimeText at={lastSeen} /> },
        { name: t('slow.digest'), value: <CopyText value={digest} shown={`${digest.slice(0, 12)}…`} what={t('slow.digest')} /> },
      ]} />
      <StatementTrend instanceId={instanceId} statement={statement} minutes={minutes} />
      <Explain instanceId={instanceId} statement={statement} />
    </div>
  );
}

function Explain({ instanceId, statement: { digest, database } }: { instanceId: string; statement: SlowStatement }): ReactElement {
  const t = useText();
  const [explained, setExplained] = useState<Explained | null>(null);
  const [error, setError] = useState<CallError | null>(null);
  const [literals, setLiterals] = useState(false);
  const [asking, setAsking] = useState(false);
  const ask = async (withLiterals: boolean): Promise<void> => {
    setAsking(true);
    const answer = await api.slow.explain({ id: instanceId, digest, database, literals: withLiterals });
    setAsking(false);
    setError(answer.ok ? null : answer.error);
    if (answer.ok) setExplained(answer.value);
  };
  return (
    <div className={classes.explain}>
      <div className={classes.bar}>
        <Button size="compact-sm" variant="default" loading={asking} onClick={() => void ask(literals)}>{t('slow.explain')}</Button>
        <Checkbox size="xs" label={t('slow.explain.literals')} checked={literals} onChange={(event) => {
          setLiterals(event.currentTarget.checked);
          if (explained !== null) void ask(event.currentTarget.checked);
        }} />
        <span className={classes.light}>{t('slow.explain.hint')}</span>
      </div>
      {error === null ? null : <ErrorNotice error={error} onRetry={() => void ask(literals)} />}
      {explained === null || explained.sample === null ? null : (
        <div className={classes.text}><pre tabIndex={0} aria-label={t('slow.explain.sample')}>{explained.sample}</pre><CopyButton text={explained.sample} what={t('slow.explain.sample')} /></div>
      )}
      {explained === null || explained.without === null ? null : <p className={classes.light}>{t(`slow.explain.${explained.without}`)}</p>}
      {explained === null || explained.plan === null ? null : <PlanTree plan={explained.plan} />}
    </div>
  );
}
