import type { ReactElement } from 'react';
import { useInstance, useRegionName } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { RefusalNotice } from '../../../ui/AtWork';
import { formatBytes, formatDuration } from '../../../ui/format';
import { Facts } from '../../../ui/Page';
import { StatusBadge } from '../../../ui/StatusBadge';
import { copiesAccounts, erasedBy, type WizardStepProps } from './wizard';
import { CopyRateInput } from '../CopyRateInput';
import { InstanceName } from '../../../ui/InstanceName';
import { locksOf, scopeText } from '../sync-text';
import classes from '../dialog.module.css';

/** Step 4: what will be done, before it is done. */
export function WizardStart({ draft, change }: WizardStepProps): ReactElement {
  const t = useText();
  const { proposal } = draft;
  const erased = erasedBy(draft);
  const standby = useInstance(draft.standbyId);
  const region = useRegionName(standby?.instance.regionId ?? '');
  const seed = draft.seed === 'auto' ? (proposal?.seed ?? 'auto') : draft.seed;
  return (
    <>
      <div><StatusBadge tone={erased.length === 0 ? 'good' : 'warn'}>{t('sync.wizard.ready')}</StatusBadge></div>
      {erased.length === 0 ? null : <StatusBadge tone="bad">{t('sync.wizard.erases', { name: standby?.instance.name ?? '', region, databases: erased.join(', ') })}</StatusBadge>}
      <p className={classes.note}>{t('sync.wizard.ready-text')}</p>
      <RefusalNotice wanted={locksOf(draft)} />
      <Facts
        rows={[
          { name: t('sync.wizard.name'), value: draft.name, wide: true },
          { name: t('sync.wizard.source'), value: <InstanceName id={draft.sourceId} /> },
          { name: t('sync.wizard.standby'), value: <InstanceName id={draft.standbyId} /> },
          { name: t('sync.wizard.scope'), value: scopeText(t, draft.scope) },
          {
            name: t('sync.wizard.seed'),
            value: [t(`sync.seed.${seed}`), proposal?.bytes == null ? null : formatBytes(t.language, proposal.bytes), proposal?.estimateSeconds == null ? null : t('sync.wizard.seed-estimate', { time: formatDuration(t, proposal.estimateSeconds * 1000) })]
              .filter((part) => part !== null)
              .join(' · '),
          },
          ...(copiesAccounts(draft) ? [{ name: t('sync.accounts.title'), value: t(`sync.accounts.${draft.accounts}`) }] : []),
        ]}
      />
      {seed === 'copy' || seed === 'auto' ? (
        <CopyRateInput value={draft.copyRateMb} onChange={(copyRateMb) => change({ copyRateMb })} />
      ) : null}
    </>
  );
}
