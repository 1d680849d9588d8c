import { Button, Select, Switch, Tabs, TextInput } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import type { ReactElement } from 'react';
import { permission } from '../../../../shared/domain/fleet/policy';
import type { ExplainForm } from '../../../../shared/domain/operations/sql/explain';
import { mostFileRows, mostRows, type SqlPlan } from '../../../../shared/domain/operations/sql/run';
import { hiddenMark } from '../../../../shared/domain/operations/sql/secret';
import { isDangerous, rankOf } from '../../../../shared/domain/operations/sql/statement-kind';
import { isExecutable } from '../../../../shared/domain/tasks/plan';
import { useInstance, useRegionName } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import type { PageProps } from '../../../stores/registry';
import {
  databaseOf, executePlan, explainText, isAtWork, keepTabs, leavePlan, loadTabs, runText, setDesk, stopRun, useSqlDesk, useSqlTabs,
  type SqlDesk, type SqlTab, type SqlTabs,
} from '../../../stores/sql-desk';
import { namesAt, useNamesError } from '../../../stores/sql-names';
import { openInstance, say } from '../../../stores/ui';
import { ErrorNotice, errorText } from '../../../ui/ErrorNotice';
import { GuardedActionDialog } from '../../../ui/GuardedActionDialog';
import { IconHistory, IconLock, IconPlayerPlay, IconPlayerStop } from '../../../ui/icons';
import { InstanceName } from '../../../ui/InstanceName';
import { Page } from '../../../ui/Page';
import { Preconditions } from '../../../ui/Preconditions';
import { StatusIcon } from '../../../ui/StatusBadge';
import { Waiting } from '../../../ui/Waiting';
import { ExplainMenu } from './ExplainMenu';
import { LeftExport } from './ExportRows';
import { FavouriteDialog } from './FavouriteDialog';
import { formatted } from './formatted';
import { HistoryPanel } from './HistoryPanel';
import { MarkButton } from './MarkButton';
import { PlanReport } from './PlanReport';
import { RunReport } from './RunReport';
import { SessionLine } from './SessionLine';
import { SqlEditor, type EditorHandle } from './SqlEditor';
import { onTab, SqlTabBar } from './SqlTabBar';
import classes from './sql.module.css';

const limits = [10, 60, 600, 3_600] as const;
const mostRowsOf = [1_000, mostRows, 100_000, mostFileRows] as const;

/** SQL on an instance: the statements above, what came of them below. Reading, unless writing is allowed; what is dangerous after its word. */
export function SqlPage({ page: { instanceId } }: PageProps<'sql'>): ReactElement | null {
  const t = useText();
  const instance = useInstance(instanceId);
  const desk = useSqlDesk(instanceId);
  const tabs = useSqlTabs(instanceId);
  const [opened, setOpened] = useState<'history' | 'favourite' | null>(null);
  useKeptTabs(instanceId);
  const editor = useRef<EditorHandle>(null);
  if (instance === undefined) return null;
  const { name } = instance.instance;
  const decision = permission(instance.role, 'sql');
  const run = (text: string): void => { if (decision.allowed) void runText(instanceId, text); };
  return (
    <Page
      title={t('operations.name.sql')} sub={<InstanceName id={instanceId} />}
      actions={<MarkButton instance={instance.instance} />}
      back={{ to: name, onBack: () => openInstance(instanceId, 'operations') }}
    >
      <div className={classes.page} data-marked={instance.instance.sqlReadOnly === true || undefined}>
        {decision.allowed ? null : (
          <p className={classes.note} role="status"><IconLock size={14} aria-hidden /> {t('sql.page.locked')} {t(`operations.lock.${decision.reason}`)}</p>
        )}
        <Tabs value={desk.id} onChange={onTab(instanceId)} keepMounted={false}>
          <SqlTabBar instanceId={instanceId} page={tabs} shown={desk}>
            <Button size="compact-sm" variant="subtle" leftSection={<IconHistory size={14} />} onClick={() => setOpened('history')}>{t('sql.history.open')}</Button>
            <Button size="compact-sm" variant="subtle" disabled={desk.text.trim() === ''} onClick={() => setOpened('favourite')}>{t('sql.history.name')}</Button>
          </SqlTabBar>
          {tabs.tabs.map(({ id }) => (
            <Tabs.Panel key={id} value={id} className={classes.panel}>
              <Bar
                instanceId={instanceId} desk={desk} locked={!decision.allowed} marked={instance.instance.sqlReadOnly === true}
                onFormat={() => editor.current?.change(layOut)} onMeant={() => run(editor.current?.meant() ?? '')} onExplain={(form) => { if (decision.allowed) void explainText(instanceId, editor.current?.meant() ?? '', form); }}
              />
              <SqlEditor
                key={`${instanceId}/${id}`} instanceId={instanceId} tabId={id} ref={editor} label={t('sql.page.editor')} initial={desk.text}
                onChange={(text) => setDesk(instanceId, { text })} onRunAll={run} onRunMeant={run}
                names={async (text, at, asked) => (decision.allowed ? namesAt(instanceId, databaseOf(desk), text, at, asked) : null)}
              />
              <SessionLine instanceId={instanceId} database={databaseOf(desk)} progress={desk.progress} />
              <Notes instanceId={instanceId} desk={desk} page={tabs} />
              <LeftExport />
              <Below instanceId={instanceId} name={name} desk={desk} />
            </Tabs.Panel>
          ))}
        </Tabs>
      </div>
      {opened === 'history' ? <HistoryPanel instanceId={instanceId} onClose={() => setOpened(null)} /> : null}
      {opened === 'favourite' ? (
        <FavouriteDialog instanceId={instanceId} text={desk.text} database={desk.database} onClose={() => setOpened(null)} onKept={() => setOpened(null)} />
      ) : null}
      {desk.phase === 'asking' && desk.plan !== null && isExecutable(desk.plan) && desk.plan.phrase !== null
        ? <Ask plan={desk.plan} regionId={instance.instance.regionId} /> : null}
    </Page>
  );
}

/** The texts of the page are read when it opens, and kept before it goes. */
function useKeptTabs(instanceId: string): void {
  useEffect(() => {
    void loadTabs(instanceId);
    const keep = (): void => void keepTabs(instanceId);
    window.addEventListener('pagehide', keep);
    return () => {
      window.removeEventListener('pagehide', keep);
      keep();
    };
  }, [instanceId]);
}

/** What is said beneath the editor. */
function Notes({ instanceId, desk: { text, hidden }, page: { loaded, unkept } }: {
  readonly instanceId: string; readonly desk: SqlTab; readonly page: SqlTabs;
}): ReactElement {
  const t = useText();
  const unnamed = useNamesError(instanceId);
  return (
    <>
      {hidden ? <p className={classes.note} role="status"><StatusIcon tone="warn" /> {t('sql.tab.hidden')}</p> : null}
      {text.includes(hiddenMark) ? <p className={classes.note} role="status"><StatusIcon tone="warn" /> {t('sql.tab.left-out', { mark: hiddenMark })}</p> : null}
      {unkept === null ? null : (
        <div><p className={classes.note}>{t(loaded === 'failed' ? 'sql.tab.unread' : 'sql.tab.unkept')}</p><ErrorNotice error={unkept} /></div>
      )}
      {unnamed === null ? null : <p className={classes.note}><StatusIcon tone="warn" /> {t('sql.page.names-unread')} {errorText(t, unnamed)}</p>}
    </>
  );
}

interface BarProps {
  readonly instanceId: string;
  readonly desk: SqlDesk;
  readonly locked: boolean;
  /** The instance is marked as read-only: writing cannot be asked for. */
  readonly marked: boolean;
  readonly onFormat: () => void;
  readonly onMeant: () => void;
  readonly onExplain: (form: ExplainForm) => void;
}

/** Lays a text out anew, and says what of it was left. */
function layOut(text: string): string {
  const { text: now, left } = formatted(text);
  if (left > 0) say({ key: 'sql.page.format-left', params: { count: left } });
  return now;
}

/** How the statements are run, and the acts. */
function Bar({ instanceId, desk, locked, marked, onFormat, onMeant, onExplain }: BarProps): ReactElement {
  const t = useText();
  const isBusy = isAtWork(desk);
  const off = locked || isBusy || desk.text.trim() === '';
  return (
    <div className={classes.bar}>
      <Button variant="filled" leftSection={<IconPlayerPlay size={14} />} disabled={off} onClick={onMeant} aria-keyshortcuts="Control+Enter Meta+Enter">
        {t('sql.page.run-current')}
      </Button>
      <Button disabled={off} onClick={() => void runText(instanceId, desk.text)} aria-keyshortcuts="Control+Shift+Enter Meta+Shift+Enter">
        {t('sql.page.run-all')}
      </Button>
      <ExplainMenu instanceId={instanceId} off={off} onForm={onExplain} />
      <Button disabled={desk.text.trim() === ''} title={t('sql.page.format-hint')} onClick={onFormat}>{t('sql.page.format')}</Button>
      <Button leftSection={<IconPlayerStop size={14} />} disabled={!isBusy || desk.phase === 'stopping'} onClick={() => stopRun(instanceId)}>{t('sql.page.stop')}</Button>
      <Settings instanceId={instanceId} desk={desk} marked={marked} />
    </div>
  );
}

/** What the next run goes by; where there is no room beside what runs it, all of it stands in the next line. */
function Settings({ instanceId, desk, marked }: Pick<BarProps, 'instanceId' | 'desk' | 'marked'>): ReactElement {
  const t = useText();
  return (
    <div className={classes.bar}>
      <TextInput
        w={150} value={desk.database} placeholder={t('sql.page.database')} aria-label={t('sql.page.database')} maxLength={64} spellCheck={false} autoComplete="off"
        onChange={(event) => setDesk(instanceId, { database: event.currentTarget.value })}
      />
      <Select
        w={190} allowDeselect={false} aria-label={t('sql.page.limit')} value={String(desk.seconds)}
        data={limits.map((seconds) => ({ value: String(seconds), label: t('sql.page.seconds', { seconds }) }))}
        onChange={(seconds) => { if (seconds !== null) setDesk(instanceId, { seconds: Number(seconds) }); }}
      />
      <Select
        w={170} allowDeselect={false} aria-label={t('sql.page.most-rows')} value={String(desk.rows)}
        data={mostRowsOf.map((rows) => ({ value: String(rows), label: t('sql.page.up-to', { rows }) }))}
        onChange={(rows) => { if (rows !== null) setDesk(instanceId, { rows: Number(rows) }); }}
      />
      <Switch size="xs" label={t('sql.page.write')} checked={desk.write && !marked} disabled={marked} onChange={(event) => setDesk(instanceId, { write: event.currentTarget.checked })} />
    </div>
  );
}

/** What goes on, or came of it. */
function Below({ instanceId, name, desk }: { readonly instanceId: string; readonly name: string; readonly desk: SqlDesk }): ReactElement {
  const t = useText();
  const { phase, plan, report, progress, explained, error } = desk;
  return (
    <>
      {phase === 'planning' ? <Waiting>{t('sql.page.planning')}</Waiting> : null}
      {phase === 'running' ? <Waiting>{t('sql.page.running', { name })}</Waiting> : null}
      {phase === 'stopping' ? <Waiting>{t('sql.page.stopping')}</Waiting> : null}
      {error === null ? null : <ErrorNotice error={error} />}
      {phase === 'asking' && plan !== null && !isExecutable(plan) ? (
        <div role="alert" className={classes.refused}>
          <b>{t('sql.page.back')}</b>
          <Preconditions preconditions={plan.preconditions} />
          <Button onClick={() => leavePlan(instanceId)}>{t('common.close')}</Button>
        </div>
      ) : null}
      {explained === null ? null : <PlanReport told={explained} />}
      {report === null && (progress?.results ?? []).length === 0 ? null : <RunReport instanceId={instanceId} report={report} progress={progress} />}
    </>
  );
}

/** What is dangerous, with the rows it would touch, and the word. */
function Ask({ plan, regionId }: { readonly plan: SqlPlan; readonly regionId: string }): ReactElement {
  const t = useText();
  const region = useRegionName(regionId);
  // The worst first, and each as a whole: the word is for all that goes.
  const dangerous = plan.statements.filter(({ kind }) => isDangerous(kind)).sort((a, b) => rankOf(b.kind) - rankOf(a.kind) || a.line - b.line);
  return (
    <GuardedActionDialog
      title={t('sql.page.ask', { name: plan.name })} subject={t('sql.page.ask-on', { name: plan.name, region, count: plan.statements.length })}
      phrase={plan.phrase} confirmLabel={t('sql.page.confirm', { name: plan.name })} size={680} onClose={() => leavePlan(plan.instanceId)}
      onConfirm={async (word) => {
        await executePlan(plan.instanceId, plan, word);
        return null;
      }}
    >
      <ul className={classes.statements}>
        {dangerous.map((one, at) => (
          <li key={at}>
            {t('sql.page.ask-line', { line: one.line, kind: t(`sql.kind.${one.kind}`), reason: t(`sql.reason.${one.reason}`) })}
            <code className={classes.sql}>{one.sql}</code>
            {one.affected.map((touched, place) => <div key={place}><b>{t(`sql.affected.${touched.how}`, { table: touched.table, rows: touched.rows })}</b></div>)}
          </li>
        ))}
      </ul>
    </GuardedActionDialog>
  );
}
