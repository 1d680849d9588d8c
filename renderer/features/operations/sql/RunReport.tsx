import { Tabs } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { mostResults, rowsIn, type ResultSet, type SqlReport, type StatementReport, type StatementState } from '../../../../shared/domain/operations/sql/run';
import type { RunProgress } from '../../../../shared/domain/operations/sql/session';
import { useText } from '../../../stores/language';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { StatusIcon, type Tone } from '../../../ui/StatusBadge';
import { beginningOf } from './beginning';
import { ResultGrid } from './ResultGrid';
import { UndoButton } from './UndoButton';
import classes from './sql.module.css';

const tones: Record<StatementState, Tone> = { 'done': 'good', 'failed': 'bad', 'cancelled': 'warn', 'unclear': 'bad', 'taken-back': 'warn', 'not-run': 'calm' };

/** What came of a run, or has come so far: each result in a tab of its own, and each statement. `report` null: it is not over. */
export function RunReport({ instanceId, report, progress }: {
  readonly instanceId: string; readonly report: SqlReport | null; readonly progress: RunProgress | null;
}): ReactElement {
  const t = useText();
  const statements = report?.statements ?? [];
  const results = report === null ? (progress?.results ?? []) : statements.flatMap(({ line, results: sets }) => sets.map((result) => ({ line, result })));
  const modes = (report ?? progress)?.modes ?? {};
  const [chosen, setTab] = useState<string | null>(null);
  // That of a statement stands beneath it.
  const ending = report === null || statements.some(({ error }) => error?.code === report.error?.code) ? null : report.error;
  const tab = chosen ?? (results.length === 0 ? 'report' : '0');
  return (
    <section className={classes.report} aria-label={t('sql.page.report')}>
      {ending === null ? null : <ErrorNotice error={ending} />}
      {report === null || report.unremembered === null ? null : (
        <><p className={classes.note}>{t('sql.page.unremembered')}</p><ErrorNotice error={report.unremembered} /></>
      )}
      {report?.rolledBack === true ? <p role="status" className={classes.note}><StatusIcon tone="warn" /> {t('sql.terminal.rolled-back')}</p> : null}
      <Tabs value={tab} onChange={setTab} keepMounted={false}>
        <Tabs.List>
          {results.map(({ line, result }, at) => <Tabs.Tab key={at} value={String(at)}>{resultName(t, line, result)}</Tabs.Tab>)}
          {report === null ? null : <Tabs.Tab value="report">{t('sql.page.report')}</Tabs.Tab>}
        </Tabs.List>
        {results.map(({ line, result }, at) => (
          <Tabs.Panel key={at} value={String(at)}><ResultGrid result={result} label={resultName(t, line, result)} modes={modes} /></Tabs.Panel>
        ))}
        <Tabs.Panel value="report">
          <ul className={classes.statements}>{statements.map((one, at) => <Statement key={at} instanceId={instanceId} report={one} />)}</ul>
        </Tabs.Panel>
      </Tabs>
      {tab === 'report' ? null : statements.filter(({ error, resultsLeft }) => error !== null || resultsLeft > 0).map((one, at) => <Statement key={at} instanceId={instanceId} report={one} plain />)}
    </section>
  );
}

const resultName = (t: ReturnType<typeof useText>, line: number, result: ResultSet): string => t('sql.page.result', { line, count: rowsIn(result) });

function Statement({ instanceId, report, plain = false }: {
  readonly instanceId: string; readonly report: StatementReport; readonly plain?: boolean;
}): ReactElement {
  const t = useText();
  const { line, sql, kind, state, gtid, affectedRows, info, resultsLeft, warnings, warningsUnread, ms, error } = report;
  const Frame = plain ? 'div' : 'li';
  return (
    <Frame>
      <div className={classes.bar}>
        <StatusIcon tone={tones[state]} /> <b>{t('sql.page.line', { line })}</b> <span>{t(`sql.state.${state}`)}</span>
        {state === 'not-run' ? null : <span className={classes.light}>{t('sql.page.ran', { ms })}</span>}
        {affectedRows === null ? null : <span>{t('sql.page.affected', { count: affectedRows })}</span>}
        {info === '' ? null : <span className={classes.light}>{info}</span>}
        <UndoButton instanceId={instanceId} kind={kind} state={state} gtid={gtid} />
      </div>
      <code className={classes.sql}>{beginningOf(sql)}</code>
      {resultsLeft === 0 ? null : (
        <p className={classes.note}><StatusIcon tone="warn" /> {t('sql.terminal.left', { count: resultsLeft, most: mostResults })}</p>
      )}
      {warnings.map((warning, at) => (
        <p key={at} className={classes.note}>
          <StatusIcon tone="warn" /> {t('sql.terminal.warning', { level: warning.level, code: warning.code, message: warning.message })}
        </p>
      ))}
      {warningsUnread ? <p className={classes.note}><StatusIcon tone="mute" /> {t('sql.terminal.unread')}</p> : null}
      {error === null ? null : <ErrorNotice error={error} />}
    </Frame>
  );
}
