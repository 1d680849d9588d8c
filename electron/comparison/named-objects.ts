import type { Scope } from '../../shared/domain/scope/scope';
import { failure, type Failure } from '../../shared/errors/codes';
import { readCatalogue } from '../copy/schema/catalogue';
import type { Session } from '../mysql/types';

/** What one side has of a scope. */
interface Present {
  readonly databases: readonly string[];
  readonly tables: readonly { readonly database: string; readonly name: string }[];
}

/** The first name of a scope that neither side knows: of nothing nobody can say that it is equal. null: every name is known to one of them. */
export function unknownName(scope: Scope, sides: readonly Present[]): { readonly kind: 'database' | 'table'; readonly name: string } | null {
  if (scope.kind === 'instance') return null;
  for (const { database, tables } of scope.databases) {
    if (tables === null) {
      if (!sides.some((side) => side.databases.includes(database))) return { kind: 'database', name: database };
      continue;
    }
    const missing = tables.find((table) => !sides.some((side) => side.tables.some((one) => one.database === database && one.name === table)));
    if (missing !== undefined) return { kind: 'table', name: `${database}.${missing}` };
  }
  return null;
}

/** Why a scope that somebody wrote down cannot be compared: it names what is on neither side, mistyped or dropped since. null: it can. */
export async function refusalOfUnknown(scope: Scope, source: Session, standby: Session): Promise<Failure | null> {
  const unknown = unknownName(scope, await Promise.all([source, standby].map((side) => readCatalogue(side, { scope }))));
  return unknown === null ? null : failure('not-found', unknown);
}
