import { hiddenBy, type HiddenBy } from '../../../shared/domain/accounts/hidden';
import type { Scope } from '../../../shared/domain/scope/scope';
import { failure } from '../../../shared/errors/codes';
import { missingGrant } from '../../mysql/accounts/missing-grant';
import { readGrants } from '../../mysql/accounts/privileges';
import { quoteId } from '../../mysql/quote';
import type { Session } from '../../mysql/types';

/** Refuses a backup of which its login would not see all: a server lists what it shows, and says nothing of the rest. @throws Failure `backup-hidden` */
export async function refuseHidden(session: Session, scope: Scope, name: string): Promise<void> {
  const grants: string[] = [];
  const [revokes] = session.dialect.features.hasPartialRevokes ? await session.query<{ isOn: number | string }>('SELECT @@GLOBAL.partial_revokes AS isOn') : [];
  const arePatterns = Number(revokes?.isOn ?? 0) === 0;
  for (const { on, rights } of hiddenBy(await readGrants(session), scope, session.version)) {
    grants.push(`${await missingGrant(session, rights.join(', '), levelOf(on, arePatterns))};`);
  }
  if (grants.length > 0) throw failure('backup-hidden', { name, grants: grants.join('\n') });
}

/** A grant names a pattern, unless partial revokes are on. */
function levelOf(on: HiddenBy['on'], arePatterns: boolean): string {
  switch (on.kind) {
    case 'everything':
      return '*.*';
    case 'database':
      return `${quoteId(arePatterns ? on.name.replaceAll(/[\\%_]/gu, '\\$&') : on.name)}.*`;
    case 'programs':
      return 'mysql.proc';
  }
}
