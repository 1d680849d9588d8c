import { Radio, TextInput } from '@mantine/core';
import type { ReactElement } from 'react';
import { useText } from '../../stores/language';
import { InstanceSelect } from '../../ui/InstanceSelect';
import { gtidOf, restoreWays, type RestoreForm } from './restore-order';
import classes from './backup.module.css';

interface Props {
  readonly form: RestoreForm;
  readonly onChange: (form: RestoreForm) => void;
}

/** To the moment of the backup, or by the log of an instance to a later one. */
export function RestoreMomentChoice({ form, onChange }: Props): ReactElement {
  const t = useText();
  const { way, logOf, gtid } = form.moment;
  const change = (over: Partial<RestoreForm['moment']>): void => onChange({ ...form, moment: { ...form.moment, ...over } });
  const isWrong = gtid.trim() !== '' && gtidOf(gtid) === null;
  return (
    <Radio.Group
      label={t('backup.screen.restore.moment')} description={t('backup.screen.restore.moment-text')} value={way}
      classNames={{ label: classes.groupTitle, description: classes.groupText }}
      onChange={(value) => change({ way: restoreWays.find((one) => one === value) ?? 'backup' })}
    >
      <div className={classes.group}>
        {restoreWays.map((one) => <Radio key={one} value={one} label={t(`backup.screen.restore.moment.${one}`)} />)}
        {way === 'backup' ? null : (
          <InstanceSelect label={t('backup.screen.restore.log-of')} value={logOf} allow={() => true} onChange={(instanceId) => change({ logOf: instanceId })} />
        )}
        {way !== 'before' ? null : (
          <TextInput
            label={t('backup.screen.restore.gtid')} description={t('backup.screen.restore.gtid-text')} value={gtid} maxLength={96} spellCheck={false} autoComplete="off"
            error={isWrong ? t('backup.screen.restore.gtid-fault') : null} onChange={(event) => change({ gtid: event.currentTarget.value })}
          />
        )}
      </div>
    </Radio.Group>
  );
}
