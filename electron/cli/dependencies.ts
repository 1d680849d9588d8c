import { widenedScope } from '../../shared/domain/scope/change';
import type { Scope } from '../../shared/domain/scope/scope';
import type { Run } from './run';

/** A partial scope with everything it lacks to be whole; told on the way. */
export async function whole(run: Run, sourceId: string, standbyId: string, scope: Scope): Promise<Scope> {
  if (scope.kind === 'instance') return scope;
  const missing = await run.call('sync.missing', { sourceId, standbyId, scope });
  if (missing.length > 0) {
    run.out.progress(run.out.t('terminal.scope.withDependencies', { names: missing.map(({ database, table }) => `${database}.${table ?? '*'}`).join(', ') }));
  }
  return widenedScope(scope, missing);
}
