import { Button, Menu, TextInput } from '@mantine/core';
import { useDeferredValue, useEffect, useState } from 'react';
import type { ReactElement } from 'react';
import { appliable } from '../../../../shared/domain/promotion/dossier/classes';
import type { ClassCount, Dossier, EntryFilter } from '../../../../shared/domain/promotion/dossier/dossier';
import { caveats, dossierFormats, type DossierFormat } from '../../../../shared/domain/promotion/dossier/export';
import { api } from '../../../api';
import type { CallError } from '../../../api';
import { useNow } from '../../../stores/clock';
import { useInstance } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import type { PageProps } from '../../../stores/registry';
import { openInstance, say } from '../../../stores/ui';
import { GtidText } from '../../../ui/CopyText';
import { EmptyState } from '../../../ui/EmptyState';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { formatAgo } from '../../../ui/format';
import { IconDownload, IconRefresh } from '../../../ui/icons';
import { Page, type WayBack } from '../../../ui/Page';
import { Waiting } from '../../../ui/Waiting';
import { ApplyDialog } from './ApplyDialog';
import { DossierClasses } from './DossierClasses';
import { DossierGrid } from './DossierGrid';
import classes from './Dossier.module.css';

/** What an old primary holds and its successor lacks, row by row: what becomes of it, and what can be done about it. */
export function DossierPage({ page }: PageProps<'dossier'>): ReactElement {
  const t = useText();
  const view = useInstance(page.instanceId);
  const { dossier, error, readAgain } = useDossier(page.instanceId);
  const name = view?.instance.name ?? t('common.not-known');
  const title = t('dossier.title', { name });
  const back: WayBack = { to: name, onBack: () => openInstance(page.instanceId) };
  if (error !== null) return <Page title={title} back={back}><ErrorNotice error={error} /><Button onClick={readAgain}>{t('dossier.read-again')}</Button></Page>;
  if (dossier === null) return <Page title={title} back={back}><Waiting>{t('dossier.reading', { name })}</Waiting></Page>;
  if (dossier.transactions.total === 0) {
    const told = caveats(dossier).map((one) => <strong key={one.key}>{t.message(one)}</strong>);
    return <Page title={title} back={back}>{told}<EmptyState title={t('dossier.none', { old: dossier.oldName, new: dossier.newName })} action={<Button onClick={readAgain}>{t('dossier.read-again')}</Button>} /></Page>;
  }
  return <DossierView key={dossier.id} dossier={dossier} title={title} back={back} readAgain={readAgain} />;
}

/** Reads the dossier out of the log, and again when it is asked for. */
function useDossier(oldId: string): { readonly dossier: Dossier | null; readonly error: CallError | null; readonly readAgain: () => void } {
  const [turn, setTurn] = useState(0);
  const [state, setState] = useState<{ readonly dossier: Dossier | null; readonly error: CallError | null }>({ dossier: null, error: null });
  useEffect(() => {
    const stop = new AbortController();
    setState({ dossier: null, error: null });
    void api.call('dossier.read', { oldId }, { signal: stop.signal }).then((answer) => {
      if (!stop.signal.aborted) setState(answer.ok ? { dossier: answer.value, error: null } : { dossier: null, error: answer.error });
    });
    return () => stop.abort();
  }, [oldId, turn]);
  return { ...state, readAgain: () => setTurn((one) => one + 1) };
}

function DossierView({ dossier, title, back, readAgain }: { dossier: Dossier; title: string; back: WayBack; readAgain: () => void }): ReactElement {
  const t = useText();
  const now = useNow();
  const [group, setGroup] = useState<ClassCount | null>(null);
  const [search, setSearch] = useState('');
  const [isApplying, setApplying] = useState(false);
  const sought = useDeferredValue(search);
  const filter: EntryFilter = {
    ...(group === null ? {} : { class: group.class, database: group.database, table: group.table }), ...(sought === '' ? {} : { search: sought }),
  };
  const { transactions: counts, oldName, newName } = dossier;
  const free = dossier.counts.filter((count) => count.default === 'apply' && appliable.includes(count.class));
  const rows = free.reduce((sum, { entries }) => sum + entries, 0);
  return (
    <Page
      title={title}
      back={back}
      sub={t('dossier.read-at', { new: newName, ago: formatAgo(t, dossier.at, now) })}
      actions={
        <>
          <Button leftSection={<IconRefresh size={14} />} onClick={readAgain}>{t('dossier.read-again')}</Button>
          <ExportMenu dossier={dossier} filter={filter} />
          {rows === 0 ? null : <Button variant="filled" onClick={() => setApplying(true)}>{t('dossier.apply', { n: rows })}</Button>}
        </>
      }
    >
      <div className={classes.summary} data-warn={counts.unreadable > 0 || caveats(dossier).length > 0 || undefined}>
        <strong>{t('dossier.summary', { old: oldName, new: newName, n: counts.total, rows: dossier.rows, unreadable: counts.unreadable })}</strong>
        <span>{t('dossier.sums', { read: counts.read, empty: counts.empty, server: counts.byServer, ours: counts.byUs, unreadable: counts.unreadable })}</span>
        {caveats(dossier).map((one) => <strong key={one.key}>{t.message(one)}</strong>)}
        {dossier.cascading.length === 0 ? null : <span>{t('dossier.cascading', { tables: dossier.cascading.join(', ') })}</span>}
        <GtidText set={dossier.set} what={t('rejoin.copy-set')} />
      </div>
      <div className={classes.columns}>
        <DossierClasses dossier={dossier} chosen={group} onChoose={setGroup} />
        <div className={classes.rows}>
          <TextInput size="xs" aria-label={t('dossier.search')} placeholder={t('dossier.search')} value={search} onChange={({ currentTarget }) => setSearch(currentTarget.value)} />
          <DossierGrid key={JSON.stringify(filter)} dossier={dossier} filter={filter} />
        </div>
      </div>
      {isApplying ? <ApplyDialog dossier={dossier} counts={free} onClose={(applied) => { setApplying(false); if (applied) readAgain(); }} /> : null}
    </Page>
  );
}

function ExportMenu({ dossier, filter }: { dossier: Dossier; filter: EntryFilter }): ReactElement {
  const t = useText();
  const [error, setError] = useState<CallError | null>(null);
  const save = async (format: DossierFormat): Promise<void> => {
    const answer = await api.call('dossier.export', { id: dossier.id, format, language: t.language, filter });
    setError(answer.ok ? null : answer.error);
    if (answer.ok && answer.value !== null) say({ key: 'dossier.exported', params: { path: answer.value } });
  };
  return (
    <>
      {error === null ? null : <ErrorNotice error={error} />}
      <Menu position="bottom-end">
        <Menu.Target><Button leftSection={<IconDownload size={14} />}>{t('dossier.export')}</Button></Menu.Target>
        <Menu.Dropdown>
          {dossierFormats.map((format) => <Menu.Item key={format} onClick={() => void save(format)}>{t(`dossier.format.${format}`)}</Menu.Item>)}
        </Menu.Dropdown>
      </Menu>
    </>
  );
}
