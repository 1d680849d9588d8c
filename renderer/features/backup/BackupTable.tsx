import { ActionIcon, Menu, UnstyledButton } from '@mantine/core';
import { Fragment } from 'react';
import type { ReactElement } from 'react';
import type { BackupFinding, BackupView } from '../../../shared/domain/backup/backup';
import { useNumber, useText, useTimeZone } from '../../stores/language';
import { openDialog } from '../../stores/ui';
import { ErrorNotice } from '../../ui/ErrorNotice';
import { formatAgo, formatBytes, formatExact } from '../../ui/format';
import { IconDotsVertical, IconLock, IconRestore, IconSearch, IconShieldCheck, IconTable, IconTrash } from '../../ui/icons';
import { StatusBadge } from '../../ui/StatusBadge';
import { TimeText } from '../../ui/TimeText';
import { useNow } from '../../stores/clock';
import { conditionOf, scopeWords, whenWords } from './backup-words';
import classes from './backup.module.css';

/** Lines past this are counted, not drawn. */
const drawn = 200;
const columns = ['when', 'state', 'scope', 'tables', 'rows', 'size', 'verified', 'proven', 'acts'] as const;
const figures: readonly string[] = ['tables', 'rows', 'size'];

interface Props {
  /** Newest first. */
  readonly backups: readonly BackupView[];
  /** The instance whose list it is: backups of another one say whose they are; null: each says it. */
  readonly instanceId: string | null;
  readonly label: string;
}

/** Backups with what they hold, what is known of them, and what can be done with them. */
export function BackupTable({ backups, instanceId, label }: Props): ReactElement {
  const t = useText();
  return (
    <>
      <div className={classes.scroller} role="region" aria-label={label} tabIndex={0}>
        <table className={classes.table}>
          <thead>
            <tr>
              {columns.map((column) => (
                <th key={column} scope="col" className={figures.includes(column) ? classes.figure : undefined}>
                  {column === 'acts' ? <span className="visually-hidden">{t('backup.screen.column.acts')}</span> : t(`backup.screen.column.${column}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {backups.slice(0, drawn).map((backup) => (
              <Fragment key={backup.id}>
                <Line backup={backup} named={instanceId === null || backup.instanceId !== instanceId} />
                <Trouble backup={backup} />
              </Fragment>
            ))}
          </tbody>
        </table>
      </div>
      {backups.length > drawn ? <p className={classes.light}>{t('backup.screen.list.more', { count: backups.length - drawn })}</p> : null}
    </>
  );
}

function Line({ backup, named }: { backup: BackupView; named: boolean }): ReactElement {
  const t = useText();
  const n = useNumber();
  const zone = useTimeZone();
  const { id, state, startedAt, instanceName, scope, tables, rows, storedBytes, encrypted, verified, proven } = backup;
  const when = whenWords(t, zone, startedAt);
  const { tone, word } = conditionOf(backup);
  const isRead = state === 'complete';
  const show = (): void => openDialog({ kind: 'show-backup', backupId: id });
  return (
    <tr>
      <td>
        {isRead
          ? <UnstyledButton className={classes.name} aria-label={t('backup.screen.act.show-what', { when })} title={formatExact(t.language, zone, startedAt)} onClick={show}>{when}</UnstyledButton>
          : <span title={startedAt > 0 ? formatExact(t.language, zone, startedAt) : undefined}>{when}</span>}
        {named ? <span className={classes.under}>{instanceName === '' ? id : t('backup.screen.from', { name: instanceName })}</span> : null}
      </td>
      <td><StatusBadge tone={tone} plain>{t(`backup.screen.state.${word}`)}</StatusBadge></td>
      <td>{state === 'damaged' || state === 'newer' ? '–' : scopeWords(t, scope)}</td>
      <td className={classes.figure}>{isRead ? n(tables) : '–'}</td>
      <td className={classes.figure}>{isRead ? n(rows) : '–'}</td>
      <td className={classes.figure}>
        {encrypted ? <span className={classes.lock} title={t('backup.screen.encrypted')}><IconLock size={12} aria-hidden /><span className="visually-hidden">{t('backup.screen.encrypted')}</span></span> : null}
        {storedBytes === 0 ? '–' : formatBytes(t.language, storedBytes)}
      </td>
      <td><Finding finding={verified} known={isRead} /></td>
      <td><Finding finding={proven} known={isRead} /></td>
      <td className={classes.acts}><Acts backup={backup} when={when} /></td>
    </tr>
  );
}

/** What a look at it found, and when. */
function Finding({ finding, known }: { finding: BackupFinding | null; known: boolean }): ReactElement {
  const t = useText();
  if (!known) return <span className={classes.faint}>–</span>;
  if (finding === null) return <span className={classes.faint}>{t('backup.screen.finding.none')}</span>;
  return finding.ok
    ? <StatusBadge tone="good" plain><TimeText at={finding.at} /></StatusBadge>
    : <StatusBadge tone="bad" plain>{t('backup.screen.finding.bad')} <TimeText at={finding.at} /></StatusBadge>;
}

/** Under the line of one that is not to be relied on: what it is, and what can be done. */
function Trouble({ backup }: { backup: BackupView }): ReactElement | null {
  const t = useText();
  const now = useNow();
  const { trouble } = conditionOf(backup);
  if (trouble === null) return null;
  const wrong = [backup.verified, backup.proven].filter((one) => one !== null && !one.ok && one.error !== null).sort((a, b) => (b?.at ?? 0) - (a?.at ?? 0))[0];
  return (
    <tr className={classes.trouble}>
      <td colSpan={columns.length}>
        {t(`backup.screen.state.${trouble}-text`)}
        {wrong?.error == null ? null : <div className={classes.found}>{t('backup.screen.finding.error', { when: formatAgo(t, wrong.at, now) })} <ErrorNotice error={wrong.error} /></div>}
      </td>
    </tr>
  );
}

/** The acts on a backup, as its state allows. */
function Acts({ backup: { id, state }, when }: { backup: BackupView; when: string }): ReactElement | null {
  const t = useText();
  if (state === 'running') return null;
  return (
    // Not in the list, which would scroll with it; in the main part of the window all the same.
    <Menu position="bottom-end" withinPortal portalProps={{ target: '#main' }}>
      <Menu.Target>
        <ActionIcon size={22} aria-label={t('backup.screen.act.more', { when })} title={t('common.more')}><IconDotsVertical size={15} /></ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {state === 'complete' ? (
          <>
            <Menu.Item leftSection={<IconTable size={14} />} onClick={() => openDialog({ kind: 'show-backup', backupId: id })}>{t('backup.screen.act.show')}</Menu.Item>
            <Menu.Item leftSection={<IconSearch size={14} />} onClick={() => openDialog({ kind: 'check-backup', backupId: id, check: 'verify' })}>{t('backup.screen.act.verify')}</Menu.Item>
            <Menu.Item leftSection={<IconShieldCheck size={14} />} onClick={() => openDialog({ kind: 'check-backup', backupId: id, check: 'prove' })}>{t('backup.screen.act.prove')}</Menu.Item>
            <Menu.Item leftSection={<IconRestore size={14} />} onClick={() => openDialog({ kind: 'restore-backup', backupId: id })}>{t('backup.screen.act.restore')}</Menu.Item>
            <Menu.Divider />
          </>
        ) : null}
        <Menu.Item leftSection={<IconTrash size={14} />} onClick={() => openDialog({ kind: 'remove-backup', backupId: id })}>{t('backup.screen.act.delete')}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
