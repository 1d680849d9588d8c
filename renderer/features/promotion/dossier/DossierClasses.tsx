import { UnstyledButton } from '@mantine/core';
import type { ReactElement } from 'react';
import type { LossDefault } from '../../../../shared/domain/promotion/dossier/classes';
import type { ClassCount, Dossier } from '../../../../shared/domain/promotion/dossier/dossier';
import { useText } from '../../../stores/language';
import { LongText } from '../../../ui/LongText';
import { StatusBadge } from '../../../ui/StatusBadge';
import classes from './Dossier.module.css';

/** What is to be done says how much of a person's attention it needs. */
const tones = { apply: 'good', keep: 'warn', nothing: 'mute' } as const satisfies Record<LossDefault, string>;

/** The tables and classes of a dossier with their counts; one can be chosen. */
export function DossierClasses({ dossier, chosen, onChoose }: {
  dossier: Dossier;
  chosen: ClassCount | null;
  onChoose: (group: ClassCount | null) => void;
}): ReactElement {
  const t = useText();
  return (
    <ul className={classes.classes} aria-label={t('dossier.column.class')}>
      <li>
        <UnstyledButton className={classes.group} aria-pressed={chosen === null} onClick={() => onChoose(null)}>
          <span>{t('dossier.all')}</span>
          <span className={classes.count}>{dossier.counts.reduce((sum, { entries }) => sum + entries, 0)}</span>
        </UnstyledButton>
      </li>
      {dossier.counts.map((count) => (
        <li key={JSON.stringify([count.database, count.table, count.class, count.default])}>
          <UnstyledButton className={classes.group} aria-pressed={chosen === count} onClick={() => onChoose(count)}>
            <span className={classes.where}>
              <span>{t(`dossier.class.${count.class}`)}</span>
              {count.table === '' ? null : <LongText className={classes.faint}>{`${count.database}.${count.table}`}</LongText>}
            </span>
            <span className={classes.count}>{count.entries}</span>
            <StatusBadge tone={tones[count.default]} plain>{t(`dossier.default.${count.default}`)}</StatusBadge>
          </UnstyledButton>
        </li>
      ))}
    </ul>
  );
}
