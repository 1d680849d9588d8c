import type { Grant } from '../../../shared/domain/accounts/grants';
import { hiddenBy, type HiddenBy } from '../../../shared/domain/accounts/hidden';
import { hasRight, missingRights } from '../../../shared/domain/accounts/rights';
import type { Scope } from '../../../shared/domain/scope/scope';
import { failure } from '../../../shared/errors/codes';
import { missingGrant } from '../../mysql/accounts/missing-grant';
import { readGrants } from '../../mysql/accounts/privileges';
import { quoteId } from '../../mysql/quote';
import type { Session } from '../../mysql/types';

/**
 * Refuses a backup of which its login would not see all (a server lists what it shows, and says nothing of the rest), or that it may not keep at one
 * moment, with all the GRANTs at once.
 *
 * @throws Failure `backup-rights`
 */
export async function refusePowerless(session: Session, scope: Scope, name: string): Promise<void> {
  const grants: string[] = [];
  const [revokes] = session.dialect.features.hasPartialRevokes ? await session.query<{ isOn: number | string }>('SELECT @@GLOBAL.partial_revokes AS isOn') : [];
  const arePatterns = Number(revokes?.isOn ?? 0) === 0;
  const held = await readGrants(session);
  const locks = missingLocks(held, session);
  const hidden = hiddenBy(held, scope, session.version);
  const everywhere = [...locks, ...hidden.flatMap(({ on, rights }) => (on.kind === 'everything' ? rights : []))];
  if (everywhere.length > 0) grants.push(`${await missingGrant(session, everywhere.join(', '), '*.*')};`);
  for (const { on, rights } of hidden) {
    if (on.kind !== 'everything') grants.push(`${await missingGrant(session, rights.join(', '), levelOf(on, arePatterns))};`);
  }
  if (grants.length > 0) throw failure('backup-rights', { name, grants: grants.join('\n') });
}

/** The rights to stop writes for a moment and to hold DDL back that are not there; FLUSH_TABLES stands for RELOAD (8.0.23). */
function missingLocks(held: readonly Grant[], { dialect }: Session): readonly string[] {
  const wanted = [...(hasRight(held, 'FLUSH_TABLES') ? [] : dialect.privilegesFor('flush-and-reset')), ...dialect.privilegesFor('backup')];
  return missingRights(held, wanted);
}

/** A grant names a pattern, unless partial revokes are on. */
function levelOf(on: Exclude<HiddenBy['on'], { kind: 'everything' }>, arePatterns: boolean): string {
  switch (on.kind) {
    case 'database':
      return `${quoteId(arePatterns ? on.name.replaceAll(/[\\%_]/gu, '\\$&') : on.name)}.*`;
    case 'programs':
      return 'mysql.proc';
  }
}
