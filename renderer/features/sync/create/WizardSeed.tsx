import { Select, TextInput } from '@mantine/core';
import type { ReactElement } from 'react';
import { seedChoices } from '../../../../shared/domain/sync/sync';
import type { SeedChoice, SeedProposal } from '../../../../shared/domain/sync/sync';
import { useInstance, useRegionName } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { formatDuration } from '../../../ui/format';
import { StatusBadge } from '../../../ui/StatusBadge';
import type { DraftChecks } from './draft-checks';
import { erasedBy, type WizardStepProps } from './wizard';
import classes from '../dialog.module.css';

interface Props extends WizardStepProps {
  /** Whatever is changed here is checked again. */
  readonly again: DraftChecks['again'];
}

/** How the first copy is made, and the user's word on what it erases. */
export function WizardSeed({ draft, change, again }: Props): ReactElement {
  const t = useText();
  const { proposal } = draft;
  const erased = erasedBy(draft);
  return (
    <>
      <div className={classes.pair}>
        <Select
          label={t('sync.wizard.seed')}
          value={draft.seed}
          data={seedChoices.map((choice) => {
            const alternative = proposal?.alternatives.find((other) => other.seed === choice);
            return { value: choice, label: t(`sync.seed.${choice}`), disabled: alternative !== undefined && !alternative.possible };
          })}
          onChange={(value) => again({ seed: (value ?? 'auto') as SeedChoice })}
        />
        {proposal === null ? null : <Proposed proposal={proposal} />}
      </div>
      {erased.length === 0 ? null : <EraseConsent databases={erased} draft={draft} change={change} again={again} />}
    </>
  );
}

function Proposed({ proposal: { seed, reason, estimateSeconds } }: { proposal: SeedProposal }): ReactElement {
  const t = useText();
  return (
    <p className={classes.note}>
      {t('sync.wizard.seed-proposed', { seed: t(`sync.seed.${seed}`), reason: t.message(reason) })}
      {estimateSeconds === null ? null : ` · ${t('sync.wizard.seed-estimate', { time: formatDuration(t, estimateSeconds * 1000) })}`}
    </p>
  );
}

/** What the copy erases on the standby, and its name to be typed. The checks are told when that is agreed to, or no more. */
function EraseConsent({ databases, draft, change, again }: Props & { readonly databases: readonly string[] }): ReactElement {
  const t = useText();
  const standby = useInstance(draft.standbyId);
  const region = useRegionName(standby?.instance.regionId ?? '');
  const name = standby?.instance.name ?? '';
  const type = (eraseWord: string): void => {
    const agreed = eraseWord === name;
    if (agreed === draft.erase) change({ eraseWord });
    else again({ eraseWord, erase: agreed });
  };
  return (
    <div className={classes.erase}>
      <StatusBadge tone="bad" plain>{t('sync.wizard.erase-title')}</StatusBadge>
      <span>{t('sync.wizard.erase-text', { name, region, databases: databases.join(', ') })}</span>
      <TextInput
        label={t('sync.wizard.erase-label', { name })}
        value={draft.eraseWord}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => type(event.currentTarget.value)}
      />
    </div>
  );
}
