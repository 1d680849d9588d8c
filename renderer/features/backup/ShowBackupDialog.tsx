import { Button, Modal, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement, ReactNode } from 'react';
import type { BackupDetail, BackupFinding } from '../../../shared/domain/backup/backup';
import type { Translator } from '../../../shared/i18n/translate';
import type { NamedObject } from '../../../shared/domain/scope/named-objects';
import { useBackup } from '../../stores/backups';
import { useNumber, useText } from '../../stores/language';
import type { DialogProps } from '../../stores/registry';
import { closeDialog, openDialog } from '../../stores/ui';
import { CopyText, GtidText } from '../../ui/CopyText';
import { DialogFoot } from '../../ui/DialogFoot';
import { ErrorNotice } from '../../ui/ErrorNotice';
import { Fold } from '../../ui/Fold';
import { formatBytes, formatDuration } from '../../ui/format';
import { Facts } from '../../ui/Page';
import { StatusBadge } from '../../ui/StatusBadge';
import { TimeText } from '../../ui/TimeText';
import { Waiting } from '../../ui/Waiting';
import { useBackupDetail } from './backup-detail';
import { scopeWords } from './backup-words';
import classes from './backup.module.css';

/** Lines past this are found by the filter. */
const drawn = 200;

/** One backup whole: what it holds and as of when, what was left out, how to restore it by hand. */
export function ShowBackupDialog({ dialog: { backupId } }: DialogProps<'show-backup'>): ReactElement {
  const t = useText();
  const { detail, error } = useBackupDetail(backupId);
  const name = useBackup(backupId)?.instanceName ?? detail?.instanceName ?? backupId;
  return (
    <Modal opened onClose={closeDialog} title={t('backup.screen.show.title', { name })} size={900} closeButtonProps={{ 'aria-label': t('common.close') }}>
      <div className={classes.form}>
        {error === null ? null : <ErrorNotice error={error} />}
        {detail === null ? (error === null ? <Waiting>{t('backup.screen.show.reading')}</Waiting> : null) : <Shown detail={detail} />}
      </div>
      <DialogFoot>
        {detail === null ? null : <Button onClick={() => openDialog({ kind: 'restore-backup', backupId })}>{t('backup.screen.act.restore')}</Button>}
        <Button variant="filled" onClick={closeDialog} data-autofocus>{t('common.close')}</Button>
      </DialogFoot>
    </Modal>
  );
}

function Shown({ detail }: { detail: BackupDetail }): ReactElement {
  const t = useText();
  const { programs, accounts, leftOut, folder } = detail;
  return (
    <>
      <Identity detail={detail} />
      <Contents detail={detail} />
      <Names title={t('backup.screen.show.programs', { count: programs.length })} names={programs.map(objectName)} />
      <Names title={t('backup.screen.show.accounts', { count: accounts.length })} names={accounts} />
      {leftOut.length === 0 ? null : (
        <Fold title={t('backup.screen.show.left-out', { count: leftOut.length })} open>
          <p className={classes.light}>{t('backup.screen.show.left-out-text')}</p>
          <ul className={classes.list}>
            {leftOut.map(({ object, why }) => (
              <li key={objectName(object)}><span className={classes.mono}>{objectName(object)}</span> <span className={classes.light}>{why}</span></li>
            ))}
          </ul>
        </Fold>
      )}
      <section>
        <h3 className={classes.groupTitle}>{t('backup.screen.show.by-hand')}</h3>
        <p className={classes.light}>{t('backup.screen.show.by-hand-text')}</p>
        <CopyText value={`${folder}/README.txt`} what={t('backup.screen.show.folder')} />
      </section>
    </>
  );
}

const objectName = ({ kind, database, name }: NamedObject): string => `${kind} ${database === '' ? '' : `${database}.`}${name}`;

function tookWords(t: Translator, ms: number, lockedMs: number): string {
  const time = formatDuration(t, ms);
  return lockedMs === 0 ? time : t('backup.screen.show.took-value', { time, locked: formatDuration(t, lockedMs) });
}

function Identity({ detail }: { detail: BackupDetail }): ReactElement {
  const t = useText();
  const { id, folder, startedAt, endedAt, lockedMs, instanceName, version, gtidSet, storedBytes, plainBytes, encrypted, scope, verified, proven } = detail;
  return (
    <Facts
      rows={[
        { name: t('backup.screen.show.taken'), value: <TimeText at={startedAt} show="exact" /> },
        { name: t('backup.screen.column.scope'), value: scopeWords(t, scope) },
        { name: t('backup.screen.show.server'), value: `${instanceName}, MySQL ${version}` },
        { name: t('backup.screen.show.size'), value: t('backup.screen.show.size-value', { stored: formatBytes(t.language, storedBytes), plain: formatBytes(t.language, plainBytes) }) },
        ...(endedAt === null ? [] : [{ name: t('backup.screen.show.took'), value: tookWords(t, endedAt - startedAt, lockedMs) }]),
        { name: t('backup.screen.show.encryption'), value: t(encrypted ? 'backup.screen.encrypted' : 'backup.screen.not-encrypted') },
        { name: t('backup.screen.show.verified'), value: <Finding finding={verified} /> },
        { name: t('backup.screen.show.proven'), value: <Finding finding={proven} /> },
        { name: t('backup.screen.show.gtid'), value: <GtidText set={gtidSet} what={t('backup.screen.show.gtid')} />, wide: true },
        { name: t('backup.screen.show.id'), value: <CopyText value={id} what={t('backup.screen.show.id')} />, wide: true },
        { name: t('backup.screen.show.folder'), value: <CopyText value={folder} what={t('backup.screen.show.folder')} />, wide: true },
      ]}
    />
  );
}

function Finding({ finding }: { finding: BackupFinding | null }): ReactElement {
  const t = useText();
  if (finding === null) return <>{t('backup.screen.finding.none')}</>;
  const badge: ReactNode = finding.ok
    ? <StatusBadge tone="good" plain><TimeText at={finding.at} /></StatusBadge>
    : <StatusBadge tone="bad" plain>{t('backup.screen.finding.bad')} <TimeText at={finding.at} /></StatusBadge>;
  return <>{badge}{finding.error === null ? null : <ErrorNotice error={finding.error} />}</>;
}

function Contents({ detail: { contents } }: { detail: BackupDetail }): ReactElement {
  const t = useText();
  const n = useNumber();
  const [filter, setFilter] = useState('');
  const title = t('backup.screen.show.contents', { count: contents.length });
  if (contents.length === 0) return <p className={classes.light}>{t('backup.screen.show.no-tables')}</p>;
  const wanted = filter.trim().toLowerCase();
  const found = contents.filter(({ database, table }) => `${database}.${table}`.toLowerCase().includes(wanted))
    .sort((a, b) => a.database.localeCompare(b.database) || a.table.localeCompare(b.table));
  return (
    <Fold title={title} open>
      <div className={classes.group}>
        {contents.length > 12 ? <TextInput value={filter} placeholder={t('backup.screen.show.filter')} aria-label={t('backup.screen.show.filter')} onChange={(event) => setFilter(event.currentTarget.value)} /> : null}
        <div className={`${classes.scroller} ${classes.short}`} role="region" aria-label={title} tabIndex={0}>
          <table className={classes.table}>
            <thead>
              <tr>
                <th scope="col">{t('backup.screen.show.database')}</th><th scope="col">{t('backup.screen.show.table')}</th>
                <th scope="col" className={classes.figure}>{t('backup.screen.show.rows')}</th><th scope="col" className={classes.figure}>{t('backup.screen.show.bytes')}</th>
              </tr>
            </thead>
            <tbody>
              {found.slice(0, drawn).map(({ database, table, rows, plainBytes }) => (
                <tr key={`${database}\0${table}`}>
                  <td>{database}</td>
                  <td className={classes.wide}>{table}</td>
                  <td className={classes.figure}>{n(rows)}</td>
                  <td className={classes.figure}>{formatBytes(t.language, plainBytes)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        {found.length > drawn ? <p className={classes.light}>{t('backup.screen.list.more', { count: found.length - drawn })}</p> : null}
      </div>
    </Fold>
  );
}

function Names({ title, names }: { title: string; names: readonly string[] }): ReactElement | null {
  const t = useText();
  if (names.length === 0) return null;
  return (
    <Fold title={title}>
      <ul className={classes.list}>{names.slice(0, drawn).map((name) => <li key={name} className={classes.mono}>{name}</li>)}</ul>
      {names.length > drawn ? <p className={classes.light}>{t('backup.screen.list.more', { count: names.length - drawn })}</p> : null}
    </Fold>
  );
}
