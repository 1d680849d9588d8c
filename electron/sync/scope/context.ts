import * as v from 'valibot';
import { partialScope } from '../../../shared/contract/inputs';
import type { CheckReport } from '../../../shared/domain/checks/check';
import type { PartialScope, ScopePart } from '../../../shared/domain/scope/change';
import { specSchema } from '../../replication/sync-spec';
import type { RunDeps } from '../run/context';

/** What a change of scope needs besides what a run needs. */
export interface ScopeRunDeps extends RunDeps {
  readonly isHeld: (standbyId: string) => boolean;
  readonly reported: (syncId: string, report: CheckReport) => void;
  /** The link carries the new scope from now on. `removed` stays on the standby. */
  readonly scopeChanged: (syncId: string, scope: PartialScope, removed: readonly ScopePart[]) => void;
}

const named = v.object({ database: v.string(), name: v.string(), isView: v.boolean() });
/** The durable input of a change of scope. */
export const scopeRunInput = v.object({
  syncId: v.string(),
  /** As it was when the change was ordered. */
  spec: specSchema,
  to: partialScope,
  /** Left on the standby by something earlier; the user agreed that it makes way. */
  inTheWay: v.array(named),
  dropRemoved: v.boolean(),
  acceptWarnings: v.boolean(),
});

/** What a change of scope is built from, again after a crash as well. */
export type ScopeRunInput = v.InferOutput<typeof scopeRunInput>;
