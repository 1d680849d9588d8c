import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import type { InstanceView } from '../../../shared/domain/fleet/view';
import { backedUpKinds, type BackedUp } from '../../../shared/domain/backup/protection';
import { loadBackups, useBackedUp, useBackupsState } from '../../stores/backups';
import { useFleet, useInstance } from '../../stores/fleet';
import { useText } from '../../stores/language';
import { openDialog, openInstance } from '../../stores/ui';
import { AddInstanceButton } from '../../ui/AddInstanceButton';
import { EmptyState } from '../../ui/EmptyState';
import { ErrorNotice } from '../../ui/ErrorNotice';
import { formatBytes } from '../../ui/format';
import { IconArchive } from '../../ui/icons';
import { InstanceName } from '../../ui/InstanceName';
import { Page, Section } from '../../ui/Page';
import { StatusBadge, StatusIcon, type Tone } from '../../ui/StatusBadge';
import { TimeText } from '../../ui/TimeText';
import { Waiting } from '../../ui/Waiting';
import { BackupTable } from './BackupTable';
import { BackupTasks } from './BackupTasks';
import { Places } from './Places';
import { scopeWords, standingTones } from './backup-words';
import classes from './backup.module.css';

/** Rows past this are found by the filter. */
const drawn = 300;
const columns = ['instance', 'standing', 'last', 'size', 'proven', 'open'] as const;

/** Every instance with what could be brought back of it, worst first. */
export function BackupsPage(): ReactElement {
  const t = useText();
  const told = useBackedUp();
  const { status, error, backups } = useBackupsState();
  const { instances, isLoading } = useFleetNow();
  const strangers = backups.filter(({ instanceId }) => instanceId === null);
  return (
    <Page title={t('backup.screen.fleet.title')} sub={t('backup.screen.fleet.sub')}>
      <div className={classes.page}>
        {error === null ? null : <ErrorNotice error={error} onRetry={() => void loadBackups()} />}
        {told !== null || error !== null ? null : <Waiting>{t('backup.screen.loading')}</Waiting>}
        {isLoading || instances.length > 0 ? null : (
          <EmptyState icon={<IconArchive size={32} />} title={t('backup.screen.fleet.empty')} text={t('backup.screen.fleet.empty-text')} action={<AddInstanceButton />} />
        )}
        {told === null || instances.length === 0 ? null : <FleetHeadline told={[...told.values()]} />}
        <BackupTasks instanceId={null} />
        {instances.length === 0 ? null : <Instances instances={instances} told={told} />}
        {strangers.length === 0 ? null : (
          <Section title={t('backup.screen.strangers')}><BackupTable backups={[...strangers].sort((a, b) => b.startedAt - a.startedAt)} instanceId={null} label={t('backup.screen.strangers')} /></Section>
        )}
        {status === 'unread' ? null : <Places />}
      </div>
    </Page>
  );
}

function useFleetNow(): { readonly instances: readonly InstanceView[]; readonly isLoading: boolean } {
  const instances = useFleet((state) => state.instances);
  const isLoading = useFleet((state) => state.status === 'loading');
  return { instances, isLoading };
}

/** The fleet in one sentence. */
function FleetHeadline({ told }: { told: readonly BackedUp[] }): ReactElement {
  const t = useText();
  const toneIs = (tone: Tone): number => told.filter(({ kind }) => standingTones[kind] === tone).length;
  const [bad, warn] = [toneIs('bad'), toneIs('warn')];
  const tone: Tone = bad > 0 ? 'bad' : warn > 0 ? 'warn' : 'good';
  return (
    <p className={classes.sentence} role="status">
      <StatusIcon tone={tone} size={18} /> <span>{t(`backup.screen.fleet.${tone}`, { bad, warn, all: told.length })}</span>
    </p>
  );
}

type Told = ReadonlyMap<string, BackedUp> | null;

/** Worst first, and within it by name. Pure. */
function worstFirst(instances: readonly InstanceView[], told: Told): readonly InstanceView[] {
  const rank = ({ instance }: InstanceView): number => backedUpKinds.indexOf(told?.get(instance.id)?.kind ?? 'none');
  return [...instances].sort((a, b) => rank(a) - rank(b) || a.instance.name.localeCompare(b.instance.name));
}

function Instances({ instances, told }: { instances: readonly InstanceView[]; told: Told }): ReactElement {
  const t = useText();
  const [filter, setFilter] = useState('');
  const wanted = filter.trim().toLowerCase();
  const found = worstFirst(instances, told).filter(({ instance }) => instance.name.toLowerCase().includes(wanted));
  return (
    <Section
      title={t('backup.screen.fleet.instances')}
      aside={<TextInput value={filter} placeholder={t('backup.screen.fleet.filter')} aria-label={t('backup.screen.fleet.filter')} onChange={(event) => setFilter(event.currentTarget.value)} />}
    >
      {found.length > 0 ? null : <p className={classes.light} role="status">{t('backup.screen.fleet.none-found')}</p>}
      <div className={classes.scroller} hidden={found.length === 0} role="region" aria-label={t('backup.screen.fleet.instances')} tabIndex={0}>
        <table className={classes.table}>
          <thead>
            <tr>{columns.map((column) => <th key={column} scope="col" className={column === 'size' ? classes.figure : undefined}>{column === 'open' ? <span className="visually-hidden">{t('backup.screen.fleet.column.open')}</span> : t(`backup.screen.fleet.column.${column}`)}</th>)}</tr>
          </thead>
          <tbody>{found.slice(0, drawn).map((view) => <Row key={view.instance.id} view={view} told={told?.get(view.instance.id)} />)}</tbody>
        </table>
      </div>
      {found.length > drawn ? <p className={classes.light}>{t('backup.screen.list.more', { count: found.length - drawn })}</p> : null}
    </Section>
  );
}

function Row({ view: { instance: { id, name } }, told }: { view: InstanceView; told: BackedUp | undefined }): ReactElement {
  const t = useText();
  const through = useInstance(told?.throughId ?? null)?.instance.name;
  const last = told?.lastGood ?? null;
  return (
    <tr className={classes.middle}>
      <td><InstanceName id={id} /></td>
      <td>
        {told === undefined ? <StatusBadge tone="mute" plain>{t('backup.screen.standing.unknown')}</StatusBadge> : <StatusBadge tone={standingTones[told.kind]} plain>{t(`backup.screen.standing.${told.kind}`)}</StatusBadge>}
        {told?.kind === 'partial' && last !== null ? <span className={classes.under}>{t('backup.screen.fleet.part', { scope: scopeWords(t, last.scope) })}</span> : null}
        {through === undefined ? null : <span className={classes.under}>{t('backup.screen.fleet.through', { name: through })}</span>}
      </td>
      <td>{last === null ? <span className={classes.faint}>–</span> : <TimeText at={last.startedAt} />}</td>
      <td className={classes.figure}>{last === null ? <span className={classes.faint}>–</span> : formatBytes(t.language, last.storedBytes)}</td>
      <td>{told?.provenAt == null ? <span className={classes.faint}>{last === null ? '–' : t('backup.screen.fleet.never')}</span> : <TimeText at={told.provenAt} />}</td>
      <td className={classes.acts}>
        {told === undefined || (told.kind !== 'none' && told.kind !== 'broken') ? null : <><Button size="compact-sm" onClick={() => openDialog({ kind: 'backup-now', instanceId: id })}>{t('backup.screen.act.now-open')}</Button>{' '}</>}
        <Button size="compact-sm" aria-label={t('backup.screen.fleet.open', { name })} onClick={() => openInstance(id, 'backups')}>{t('backup.screen.fleet.column.open')}</Button>
      </td>
    </tr>
  );
}
