import { Button } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import type { Instance } from '../../../../shared/domain/fleet/instance';
import { api } from '../../../api';
import type { CallError } from '../../../api';
import { useRegionName } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { GuardedActionDialog } from '../../../ui/GuardedActionDialog';
import { IconLock } from '../../../ui/icons';
import classes from './sql.module.css';

/** Whether SQL on an instance only reads, and the way to change that: with one click, and back with its word. */
export function MarkButton({ instance }: { readonly instance: Pick<Instance, 'id' | 'name' | 'regionId' | 'sqlReadOnly'> }): ReactElement {
  const t = useText();
  const region = useRegionName(instance.regionId);
  const [asking, setAsking] = useState(false);
  const [error, setError] = useState<CallError | null>(null);
  const { id, name, sqlReadOnly: isMarked = false } = instance;
  const mark = async (readOnly: boolean, phrase: string): Promise<CallError | null> => {
    const answer = await api.sql.mark({ instanceId: id, readOnly, phrase });
    return answer.ok ? null : answer.error;
  };
  return (
    <span className={classes.mark}>
      {error === null ? null : <ErrorNotice error={error} />}
      {isMarked ? <span className={classes.marked} role="status"><IconLock size={14} aria-hidden /> {t('sql.mark.on')}</span> : null}
      {isMarked
        ? <Button onClick={() => setAsking(true)}>{t('sql.mark.take')}</Button>
        : <Button leftSection={<IconLock size={14} />} onClick={() => void mark(true, '').then(setError)}>{t('sql.mark.set')}</Button>}
      {asking ? (
        <GuardedActionDialog
          title={t('sql.mark.ask', { name })} subject={t('sql.mark.subject', { name, region })} phrase={name} confirmLabel={t('sql.mark.confirm', { name })}
          onClose={() => setAsking(false)}
          onConfirm={async (word) => {
            const failed = await mark(false, word);
            if (failed === null) setAsking(false);
            return failed;
          }}
        >
          <p>{t('sql.mark.means')}</p>
        </GuardedActionDialog>
      ) : null}
    </span>
  );
}
