import type { ReactElement } from 'react';
import type { AbsentSeries } from '../../../shared/domain/monitoring/monitoring';
import { useText } from '../../stores/language';
import { Fold } from '../../ui/Fold';
import { SqlBlock } from '../../ui/SqlBlock';

/** What the account may not read, and the statements that give it the right. */
export function MissingRights({ absent, name }: { absent: readonly AbsentSeries[]; name: string }): ReactElement | null {
  const t = useText();
  const refused = absent.flatMap(({ id, reason }) => (reason.kind === 'privilege' ? [{ id, grant: reason.grant }] : []));
  if (refused.length === 0) return null;
  const grants = [...new Set(refused.map(({ grant }) => grant))];
  return (
    <Fold title={t('monitoring.page.rights', { n: refused.length })}>
      <p>{refused.map(({ id }) => t(`monitoring.series.${id}.name`)).join(' · ')}</p>
      <SqlBlock statements={grants.map((sql) => ({ server: name, sql }))} />
    </Fold>
  );
}
