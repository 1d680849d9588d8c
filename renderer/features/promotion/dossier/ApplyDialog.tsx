import { Button, Checkbox, Modal } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { appliable, type LossClass } from '../../../../shared/domain/promotion/dossier/classes';
import type { ClassCount, Dossier, DossierOutcome } from '../../../../shared/domain/promotion/dossier/dossier';
import { api } from '../../../api';
import { useInstance, useRegionName } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { RefusalNotice } from '../../../ui/AtWork';
import { CopyText } from '../../../ui/CopyText';
import { DialogFoot } from '../../../ui/DialogFoot';
import { GuardedActionDialog } from '../../../ui/GuardedActionDialog';
import classes from './Dossier.module.css';

/** Applies chosen classes to the new primary, on its name; then what was done, what was refused, and how to take it back. */
export function ApplyDialog({ dossier, counts, onClose }: {
  dossier: Dossier;
  counts: readonly ClassCount[];
  onClose: (applied: boolean) => void;
}): ReactElement {
  const t = useText();
  const view = useInstance(dossier.newId);
  const region = useRegionName(view?.instance.regionId ?? '');
  const there = appliable.filter((one) => counts.some((count) => count.class === one));
  const [chosen, setChosen] = useState<readonly LossClass[]>(there);
  const [outcome, setOutcome] = useState<DossierOutcome | null>(null);
  const { newName } = dossier;
  if (outcome !== null) return <Outcome outcome={outcome} name={newName} onClose={() => onClose(true)} />;
  return (
    <GuardedActionDialog
      title={t('dossier.apply-title', { name: newName })}
      subject={t('common.confirm-what', { name: newName, region })}
      phrase={newName}
      confirmLabel={t('dossier.apply-go', { name: newName })}
      blocked={chosen.length === 0}
      onClose={() => onClose(false)}
      onConfirm={async (phrase) => {
        const answer = await api.call('dossier.apply', { id: dossier.id, classes: [...chosen], phrase });
        if (!answer.ok) return answer.error;
        setOutcome(answer.value);
        return null;
      }}
    >
      <RefusalNotice wanted={[{ instanceId: dossier.newId }]} />
      <p>{t('dossier.apply-text')}</p>
      {there.map((one) => (
        <Checkbox
          key={one} size="xs" checked={chosen.includes(one)}
          label={`${t(`dossier.class.${one}`)} · ${String(counts.filter((count) => count.class === one).reduce((sum, { entries }) => sum + entries, 0))}`}
          onChange={({ currentTarget: { checked } }) => setChosen((known) => (checked ? [...known, one] : known.filter((other) => other !== one)))}
        />
      ))}
    </GuardedActionDialog>
  );
}

/** Refused rows that are listed here; the rest is told by its number. */
const listed = 100;

/** What became of rows that were to be applied, and how to take it back. */
export function Outcome({ outcome, name, onClose }: { outcome: DossierOutcome; name: string; onClose: () => void }): ReactElement {
  const t = useText();
  return (
    <Modal opened onClose={onClose} title={t('dossier.apply-title', { name })} size={680} closeOnClickOutside={false} closeButtonProps={{ 'aria-label': t('common.close') }}>
      {outcome.classes.map(({ class: one, applied, refused, undoFile }) => (
        <div key={one} className={classes.outcome}>
          <strong>{t('dossier.applied', { class: t(`dossier.class.${one}`), n: applied, refused: refused.length })}</strong>
          {undoFile === null ? null : <div>{t('dossier.undo-file', { path: '' })}<CopyText value={undoFile} what={t('dossier.undo-file', { path: '' })} /></div>}
          {refused.length === 0 ? null : (
            <ul>
              {refused.slice(0, listed).map(({ id, title, why, class: is }) => <li key={id}>{`${title}: ${t(`dossier.refused.${why}`, { class: t(`dossier.class.${is}`) })}`}</li>)}
            </ul>
          )}
        </div>
      ))}
      <DialogFoot apart><Button onClick={onClose} data-autofocus>{t('common.close')}</Button></DialogFoot>
    </Modal>
  );
}
