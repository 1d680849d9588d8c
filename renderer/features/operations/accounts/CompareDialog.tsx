import { Button, Modal, Select } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { accountName } from '../../../../shared/domain/accounts/state';
import type { AccountComparison, ComparedAccount } from '../../../../shared/domain/operations/accounts/change';
import { api } from '../../../api';
import { useAct } from '../../../stores/act';
import { useFleet, useInstance } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { CarryPanel } from './CarryPanel';
import classes from './accounts.module.css';

/** The accounts of two servers, side by side; a standby is compared with its primary first. */
export function CompareDialog({ instanceId, onClose }: { instanceId: string; onClose: () => void }): ReactElement {
  const t = useText();
  const me = useInstance(instanceId);
  const others = useFleet((state) => state.instances).filter(({ instance }) => instance.id !== instanceId);
  const near = others.find((one) => one.sourceId === instanceId || one.instance.id === me?.sourceId);
  const [other, setOther] = useState<string | null>(near?.instance.id ?? null);
  const [compared, setCompared] = useState<AccountComparison | null>(null);
  const { busy, error, act } = useAct<'compare'>();
  const compare = (): Promise<void> => act('compare', () => api.accounts.compare({ leftId: instanceId, rightId: other ?? '' }), setCompared);
  return (
    <Modal opened onClose={onClose} title={t('accounts.compare')} size={860} closeButtonProps={{ 'aria-label': t('common.close') }}>
      <div className={classes.dialog}>
        <div className={classes.fields}>
          <Select label={t('accounts.compare.with')} w={300} searchable data={others.map(({ instance }) => ({ value: instance.id, label: instance.name }))} value={other} onChange={(next) => { setOther(next); setCompared(null); }} data-autofocus />
          <Button variant="filled" loading={busy !== null} disabled={other === null} onClick={() => void compare()}>{t('accounts.compare.ask')}</Button>
        </div>
        {error === null ? null : <ErrorNotice error={error} />}
        {compared === null ? null : <Compared compared={compared} />}
        {compared === null || other === null || compared.accounts.length === 0 ? null : (
          <CarryPanel leftId={instanceId} rightId={other} compared={compared} onDone={() => void compare()} />
        )}
      </div>
    </Modal>
  );
}

function Compared({ compared: { left, right, equal, accounts } }: { compared: AccountComparison }): ReactElement {
  const t = useText();
  if (accounts.length === 0) return <p role="status" className={classes.said}>{t('accounts.terminal.equal', { count: equal })}</p>;
  return (
    <div role="status">
      <p className={classes.said}>{t('accounts.compare.counts', { different: accounts.length, equal })}</p>
      <ul className={classes.compared}>
        {accounts.map((one) => (
          <li key={accountName(one)}><b>{accountName(one)}</b> <span className={classes.light}>{t(`accounts.side.${one.side}`, { left, right })}</span><Differences one={one} left={left} right={right} /></li>
        ))}
      </ul>
    </div>
  );
}

function Differences({ one, left, right }: { one: ComparedAccount; left: string; right: string }): ReactElement {
  const t = useText();
  return (
    <>
      {one.differences.map((difference) => (
        <div key={difference.aspect} className={classes.difference}>
          <span>{t(`accounts.aspect.${difference.aspect}`)}</span>
          <span>{difference.left.length + difference.right.length === 0 ? '≠' : [...difference.left.map((text) => `${left}: ${text}`), ...difference.right.map((text) => `${right}: ${text}`)].join(' · ')}</span>
        </div>
      ))}
    </>
  );
}
