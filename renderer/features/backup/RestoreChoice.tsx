import { Button, Checkbox, Radio, TextInput } from '@mantine/core';
import type { ReactElement } from 'react';
import { restoreAccounts, type BackupDetail, type RestoreOrder } from '../../../shared/domain/backup/backup';
import { useInstance } from '../../stores/fleet';
import { useText, useTimeZone } from '../../stores/language';
import { useSourceObjects } from '../../stores/source-objects';
import { closeDialog } from '../../stores/ui';
import { DialogFoot } from '../../ui/DialogFoot';
import { formatExact } from '../../ui/format';
import { IconArrowRight } from '../../ui/icons';
import { InstanceSelect } from '../../ui/InstanceSelect';
import { StatusIcon } from '../../ui/StatusBadge';
import { Waiting } from '../../ui/Waiting';
import { PassphraseField } from './Passphrase';
import { isComplete, namedDatabases, objectsOf, orderOf, type NamedDatabase, type RestoreForm } from './restore-order';
import { RestoreMomentChoice } from './RestoreMomentChoice';
import { ScopeChoice } from './ScopeChoice';
import classes from './backup.module.css';

interface Props {
  readonly detail: BackupDetail;
  readonly form: RestoreForm;
  readonly onChange: (form: RestoreForm) => void;
  readonly passphrase: string;
  readonly onPassphrase: (passphrase: string) => void;
  readonly onReview: (order: RestoreOrder) => void;
}

/** What is restored, where to, under which names. */
export function RestoreChoice(props: Props): ReactElement {
  const { detail, form, onChange, passphrase, onPassphrase, onReview } = props;
  const t = useText();
  const zone = useTimeZone();
  const view = useInstance(form.targetId === '' ? null : form.targetId);
  const { objects, error } = useSourceObjects(view?.instance.id ?? null);
  const folds = (view?.facts?.server.lowerCaseTableNames ?? 0) !== 0;
  const named = namedDatabases(form, detail.databases, { names: (objects ?? []).map(({ name }) => name), folds });
  const isRead = form.asStandby || objects !== null || error !== null;
  const isReady = isRead && isComplete(form, named) && (!detail.encrypted || passphrase !== '');
  return (
    <>
      <div className={classes.form}>
        <p className={classes.light}>{t('backup.screen.restore.taken', { when: formatExact(t.language, zone, detail.startedAt) })}</p>
        <InstanceSelect label={t('backup.screen.restore.target')} value={form.targetId} allow={() => true} onChange={(targetId) => onChange({ ...form, targetId, typed: {} })} />
        <AsStandby detail={detail} form={form} onChange={onChange} />
        {form.asStandby ? null : <RestoreMomentChoice form={form} onChange={onChange} />}
        {form.asStandby ? null : <What detail={detail} form={form} onChange={onChange} />}
        {view === undefined || form.asStandby ? null : (
          <Names form={form} onChange={onChange} named={named} target={view.instance.name} isRead={isRead} isUnread={error !== null} />
        )}
        {detail.accounts.length === 0 ? null : <Accounts form={form} onChange={onChange} />}
        {detail.encrypted ? <PassphraseField value={passphrase} onChange={onPassphrase} /> : null}
      </div>
      <DialogFoot>
        <Button onClick={closeDialog} data-autofocus>{t('common.cancel')}</Button>
        <Button variant="filled" disabled={!isReady} onClick={() => onReview(orderOf(detail.id, form, named))}>{t('backup.screen.restore.review')}</Button>
      </DialogFoot>
    </>
  );
}

function AsStandby({ detail, form, onChange }: Pick<Props, 'detail' | 'form' | 'onChange'>): ReactElement {
  const t = useText();
  const isWhole = detail.scope.kind === 'instance';
  return (
    <Checkbox
      checked={form.asStandby} disabled={!isWhole} label={t('backup.screen.restore.standby')}
      description={t(isWhole ? 'backup.screen.restore.standby-text' : 'backup.screen.restore.standby-partial')}
      onChange={(event) => onChange({ ...form, asStandby: event.currentTarget.checked })}
    />
  );
}

function What({ detail, form, onChange }: Pick<Props, 'detail' | 'form' | 'onChange'>): ReactElement {
  const t = useText();
  return (
    <Radio.Group
      label={t('backup.screen.restore.what')} value={form.part === null ? 'all' : 'part'} classNames={{ label: classes.groupTitle }}
      onChange={(value) => onChange({ ...form, part: value === 'all' ? null : [] })}
    >
      <div className={classes.group}>
        <Radio value="all" label={t('backup.screen.restore.all')} />
        <Radio value="part" label={t('backup.screen.restore.part')} />
        {form.part === null ? null : <ScopeChoice objects={objectsOf(detail)} databases={form.part} onChange={(part) => onChange({ ...form, part })} />}
      </div>
    </Radio.Group>
  );
}

function Accounts({ form, onChange }: Pick<Props, 'form' | 'onChange'>): ReactElement {
  const t = useText();
  return (
    <Radio.Group
      label={t('backup.screen.restore.accounts')} description={t('backup.screen.restore.accounts-text')} value={form.accounts}
      classNames={{ label: classes.groupTitle, description: classes.groupText }}
      onChange={(value) => onChange({ ...form, accounts: restoreAccounts.find((one) => one === value) ?? 'none' })}
    >
      <div className={classes.group}>
        {restoreAccounts.map((one) => <Radio key={one} value={one} label={t(`backup.screen.restore.accounts.${one}`)} />)}
      </div>
    </Radio.Group>
  );
}

interface NamesProps extends Pick<Props, 'form' | 'onChange'> {
  readonly named: readonly NamedDatabase[];
  readonly target: string;
  /** What the target has was read, or cannot be. */
  readonly isRead: boolean;
  readonly isUnread: boolean;
}

/** The name of each database on the target, proposed by what that has. */
function Names({ form, onChange, named, target, isRead, isUnread }: NamesProps): ReactElement | null {
  const t = useText();
  if (!isRead) return <Waiting>{t('backup.screen.restore.target-objects', { target })}</Waiting>;
  if (named.length === 0) return null;
  return (
    <fieldset className={classes.group}>
      <legend>{t('backup.screen.restore.names')}</legend>
      {isUnread
        ? <p className={classes.warning}><StatusIcon tone="warn" /> <span>{t('backup.screen.restore.target-unread', { target })}</span></p>
        : <p className={classes.light}>{t('backup.screen.restore.names-text', { target })}</p>}
      <div className={classes.names}>
        {named.map(({ from, to, exists, fault }) => (
          <div key={from} className={classes.naming}>
            <span className={classes.mono}>{from}</span>
            <IconArrowRight size={14} aria-hidden />
            <TextInput
              value={to} aria-label={t('backup.screen.restore.name-of', { database: from })} spellCheck={false} autoComplete="off" error={fault === null ? null : t(`backup.screen.restore.fault.${fault}`)}
              onChange={(event) => onChange({ ...form, typed: { ...form.typed, [from]: event.currentTarget.value } })}
            />
            <span className={classes.light}>{exists ? t('backup.screen.restore.exists', { target }) : ''}</span>
          </div>
        ))}
      </div>
    </fieldset>
  );
}
