import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import type { InstanceView } from '../../../shared/domain/fleet/view';
import { loadBackups, useBackedUp, useBackupsState } from '../../stores/backups';
import { useInstance } from '../../stores/fleet';
import { useText } from '../../stores/language';
import type { InstanceSlotProps } from '../../stores/registry';
import { openDialog } from '../../stores/ui';
import { EmptyState } from '../../ui/EmptyState';
import { ErrorNotice } from '../../ui/ErrorNotice';
import { IconArchive } from '../../ui/icons';
import { Section } from '../../ui/Page';
import { StatusBadge } from '../../ui/StatusBadge';
import { Waiting } from '../../ui/Waiting';
import { BackupTable } from './BackupTable';
import { BackupTasks } from './BackupTasks';
import { DayStrip } from './DayStrip';
import { Headline } from './Headline';
import { ScheduleSection } from './ScheduleSection';
import { useStandInFor } from './stand-in';
import classes from './backup.module.css';

/** The backups of an instance: what they come to, day by day, and each with what can be done with it. */
export function BackupsTab({ instanceId }: InstanceSlotProps): ReactElement | null {
  const t = useText();
  const view = useInstance(instanceId);
  const told = useBackedUp()?.get(instanceId);
  const { status, error } = useBackupsState();
  if (view === undefined) return null;
  const now = <Button variant="filled" leftSection={<IconArchive size={14} />} onClick={() => openDialog({ kind: 'backup-now', instanceId })}>{t('backup.screen.act.now-open')}</Button>;
  return (
    <div className={classes.page}>
      {error === null ? null : <ErrorNotice error={error} onRetry={() => void loadBackups()} />}
      {told !== undefined ? null : status === 'failed' ? <p><StatusBadge tone="mute">{t('backup.screen.unread')}</StatusBadge></p> : <Waiting>{t('backup.screen.loading')}</Waiting>}
      {told === undefined ? null : (
        <div className={classes.top}>
          <Headline name={view.instance.name} told={told} />
          {told.backups.length === 0 ? null : now}
        </div>
      )}
      <BackupTasks instanceId={instanceId} />
      {told === undefined ? null : told.backups.length === 0 ? <Nothing view={view} now={now} /> : (
        <>
          <DayStrip backups={told.backups} />
          <Section title={t('backup.screen.list')}><BackupTable backups={told.backups} instanceId={instanceId} label={t('backup.screen.list')} /></Section>
        </>
      )}
      <ScheduleSection instanceId={instanceId} />
    </div>
  );
}

/** Nothing there yet: what a backup is, and the one button. */
function Nothing({ view, now }: { view: InstanceView; now: ReactElement }): ReactElement {
  const t = useText();
  const standIn = useStandInFor(view);
  return (
    <EmptyState
      icon={<IconArchive size={32} />}
      title={t('backup.screen.empty.title')}
      text={t('backup.screen.empty.text')}
      action={
        <>
          {now}
          {standIn === null ? null : <Button onClick={() => openDialog({ kind: 'backup-now', instanceId: standIn.instance.id })}>{t('backup.screen.empty.through', { name: standIn.instance.name })}</Button>}
        </>
      }
    />
  );
}
