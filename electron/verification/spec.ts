import type * as v from 'valibot';
import type { Scope } from '../../shared/domain/scope/scope';
import type { SyncSpec } from '../../shared/domain/sync/sync';
import type { specSchema } from '../replication/sync-spec';

type KeptSpec = v.InferOutput<typeof specSchema>;

/** A scope as journals keep it. */
export function mutableScope(scope: Scope): KeptSpec['scope'] {
  if (scope.kind === 'instance') return { kind: 'instance' };
  return { kind: 'partial', databases: scope.databases.map(({ database, tables }) => ({ database, tables: tables === null ? null : [...tables] })) };
}

/** A spec as journals keep it. */
export function mutableSpec(spec: SyncSpec): KeptSpec {
  return { ...spec, scope: mutableScope(spec.scope) };
}
