import { useState } from 'react';
import type { ReactElement } from 'react';
import { appliable } from '../../../../shared/domain/promotion/dossier/classes';
import type { Dossier, DossierOutcome, ShownEntry } from '../../../../shared/domain/promotion/dossier/dossier';
import { entryTitle } from '../../../../shared/domain/promotion/dossier/export';
import { api } from '../../../api';
import { useInstance, useRegionName } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { RefusalNotice } from '../../../ui/AtWork';
import { GuardedActionDialog } from '../../../ui/GuardedActionDialog';
import { SqlBlock } from '../../../ui/SqlBlock';
import { Outcome } from './ApplyDialog';

/** Whether an entry is a row that can be applied by itself. */
export function isAppliable({ class: is, default: proposed }: ShownEntry): boolean {
  return proposed !== 'nothing' && appliable.includes(is);
}

/** Applies one row to the new primary, on its name, as long as it is there as it was judged; then what became of it, and how to take it back. */
export function ApplyRowDialog({ dossier, entry, sql, onClose }: {
  dossier: Dossier;
  entry: ShownEntry;
  /** What is about to run; null: not known. */
  sql: string | null;
  onClose: (applied: boolean) => void;
}): ReactElement {
  const t = useText();
  const view = useInstance(dossier.newId);
  const region = useRegionName(view?.instance.regionId ?? '');
  const [outcome, setOutcome] = useState<DossierOutcome | null>(null);
  const { newName } = dossier;
  if (outcome !== null) return <Outcome outcome={outcome} name={newName} onClose={() => onClose(outcome.classes.some(({ applied }) => applied > 0))} />;
  return (
    <GuardedActionDialog
      title={t('dossier.apply-row-title', { name: newName, row: entryTitle(entry) })}
      subject={t('common.confirm-what', { name: newName, region })}
      phrase={newName}
      confirmLabel={t('dossier.apply-go', { name: newName })}
      onClose={() => onClose(false)}
      onConfirm={async (phrase) => {
        const answer = await api.call('dossier.apply', { id: dossier.id, classes: [entry.class], rows: [entry.id], phrase });
        if (!answer.ok) return answer.error;
        setOutcome(answer.value);
        return null;
      }}
    >
      <RefusalNotice wanted={[{ instanceId: dossier.newId }]} />
      <p>{t('dossier.apply-row-text', { name: newName })}</p>
      {sql === null ? null : <SqlBlock statements={[{ server: newName, sql }]} />}
    </GuardedActionDialog>
  );
}
