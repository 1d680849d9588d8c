// Backups of before whose moments are written otherwise than they are read now.
import { failure, type Failure } from '../../../shared/errors/codes';
import { dependsOnZone } from '../../copy/rows/zone';
import type { Manifest } from '../manifest';
import { chosenTables, type RestoreChoice } from './choice';

const mostNamed = 10;

/**
 * Why a backup cannot be restored as chosen: moments from which stored columns are computed were written in UTC once, and are written in the zone of
 * the source now. Both are the same where that is UTC. Null: nothing is in the way.
 */
export function oldMoments(manifest: Manifest, choice: RestoreChoice): Failure | null {
  if (manifest.momentsIn === 'zone' || manifest.zone === '+00:00') return null;
  const tables = chosenTables(manifest, choice).filter((table) => dependsOnZone(table) && table.of.rows > 0).map(({ of }) => `${of.database}.${of.table}`);
  return tables.length === 0 ? null : failure('backup-old-moments', { name: manifest.id, tables: tables.slice(0, mostNamed).join(', ') });
}

/** @throws Failure `backup-old-moments` */
export function refuseOldMoments(manifest: Manifest, choice: RestoreChoice): void {
  const found = oldMoments(manifest, choice);
  if (found !== null) throw found;
}
