import * as v from 'valibot';
import { scope as scopeSchema } from '../../shared/contract/inputs';
import { verdictOf, type VerificationSummary } from '../../shared/domain/verification/result';
import type { Scope } from '../../shared/domain/scope/scope';
import { errorOf, failure } from '../../shared/errors/codes';
import { message } from '../../shared/i18n/message';
import { refuseDifferentAccounts } from '../comparison/accounts';
import { Findings, forgetFindings } from '../comparison/findings';
import { defaultLimits } from '../comparison/load';
import { startHeld } from '../comparison/position';
import { refuseDifferent, verifyPair } from '../comparison/verify';
import { ObjectList } from '../copy/rows/object-list';
import type { FleetServers } from '../fleet/types';
import { standbyOf, type LinkContext } from '../replication/link-context';
import { PairLocks } from '../replication/pair-locks';
import { retryAfterRestart } from '../replication/retry';
import type { LeftOutRecord } from '../replication/left-out';
import { specSchema } from '../replication/sync-spec';
import { memoryKey } from '../tasks/memory';
import type { StepContext, TaskDefinition, TaskKindHandler } from '../tasks/types';
import { scopeText, summaryOf } from './history';

/** What a comparison needs of the service around it. */
export interface VerifyRunDeps {
  readonly fleet: FleetServers;
  readonly clock: () => number;
  /** The lists of tables of the runs of this process, by sync task. */
  readonly objects: Map<string, ObjectList>;
  /** What the first copy of a sync task left out. */
  readonly leftOut: (syncId: string) => LeftOutRecord;
  /** The accounts that passed over transactions of a sync task were about. */
  readonly passedAccounts: (syncId: string) => readonly string[];
  readonly isHeld: (standbyId: string) => boolean;
  /** What the task by which the link to a standby stands carries, whatever its source; null: it stands by none. */
  readonly filterScope: (standbyId: string) => Scope | null;
  /** Both sides were found equal at this position. */
  readonly verified: (syncId: string, gtidSet: string) => void;
  /** They were found different; the tables as far as they were named. */
  readonly differs: (syncId: string, tables: string) => void;
  /** Told once of every comparison that read all it was to read. */
  readonly ended: (summary: VerificationSummary) => void;
}

/** The durable input of a comparison. */
export const verifyRunInput = v.object({
  /** Empty: no sync task owns the link. */
  syncId: v.string(),
  spec: specSchema,
  /** Only this part of what the link carries. */
  part: v.optional(v.nullable(scopeSchema)),
  /** Only rows that were written since this GTID set are compared. */
  touchedSince: v.optional(v.nullable(v.string())),
  /** Rows that were written since this set are compared before all the others: a difference is most likely there. */
  first: v.optional(v.nullable(v.string())),
  /** Rows per second of each side at most. */
  rowsPerSecond: v.optional(v.nullable(v.number())),
});
type VerifyRunInput = v.InferOutput<typeof verifyRunInput>;

/** Rows that come first were found equal. */
const firstIsEqual = memoryKey('first-rows-equal', v.boolean());

/** How long the connections of a run that died may go on holding its locks. */
const deadRunMs = 20_000;
const hour = 3_600_000;

/** The link of a comparison or a repair with all that it carries. */
export function wholeOf({ fleet, leftOut, isHeld, filterScope }: VerifyRunDeps, { syncId, spec }: Pick<VerifyRunInput, 'syncId' | 'spec'>): LinkContext {
  const { standbyId } = spec;
  return { fleet, spec, leftOut: leftOut(syncId), isHeld: () => isHeld(standbyId), filterScope: () => filterScope(standbyId) };
}

/** Compares a link that runs with its source at one position, while both go on; a difference is named and ends it. */
export function verifyRun(deps: VerifyRunDeps, input: VerifyRunInput, { goesOn = false }: { readonly goesOn?: boolean } = {}): TaskDefinition {
  const { syncId, spec, part = null, touchedSince: since = null, first = null, rowsPerSecond = null } = input;
  const objects = new ObjectList();
  deps.objects.set(syncId, objects);
  const scope: Scope = part ?? spec.scope;
  const whole = wholeOf(deps, input);
  const link = { ...whole, spec: { ...spec, scope }, carries: spec.scope, objects };
  const locks = new PairLocks(whole, 'verify', deps.clock, goesOn ? deadRunMs : 0);
  const standby = standbyOf(link);
  /** Tells the sync task what differs, and throws it. */
  const told = async (findings: Findings, context: StepContext, further = (): Promise<void> => Promise.resolve()): Promise<void> => {
    try {
      refuseDifferent(link, context, findings);
      await further();
    } catch (thrown) {
      const error = errorOf(thrown);
      if (error.code === 'content-differs' && syncId !== '') deps.differs(syncId, error.params.tables);
      if (error.code === 'definitions-differ' && syncId !== '') deps.differs(syncId, error.params.objects);
      if (error.code === 'accounts-differ' && syncId !== '') deps.differs(syncId, error.params.accounts);
      throw thrown;
    }
  };
  const step = retryAfterRestart(whole, locks, {
    id: 'verify',
    title: message('sync.step.verify', { standby: standby.name }),
    async run(context) {
      const limits = () => ({ ...defaultLimits, rowsPerSecond });
      if (first !== null && context.recall(firstIsEqual) !== true) {
        await told(await verifyPair(link, context, { limits, touchedSince: first, byKeyOnly: true }), context);
        await forgetFindings(context);
        await context.remember(firstIsEqual, true);
      }
      const findings = await verifyPair(link, context, { limits, touchedSince: since, isNamed: part !== null });
      await objects.keep(context);
      const isAll = part === null && since === null;
      await told(findings, context, async () => {
        if (isAll) await refuseDifferentAccounts(whole, context, deps.passedAccounts(syncId));
      });
      // Of a part that is equal nothing follows for the rest.
      if (isAll && syncId !== '') deps.verified(syncId, findings.rounds[0]?.gtidSet ?? '');
      await deps.fleet.refresh(standby.id);
    },
    // An app that died in the middle leaves the applier stopped, or on its way to the position and no further.
    undo: (context) => startHeld(whole, context),
    undoLimitMs: hour,
  });
  return {
    kind: 'verify',
    name: spec.name,
    instanceIds: [spec.sourceId, spec.standbyId],
    sharedInstanceIds: [spec.sourceId],
    input: {
      syncId, spec, ...(part === null ? {} : { part }), ...(since === null ? {} : { touchedSince: since }), ...(first === null ? {} : { first }),
      ...(rowsPerSecond === null ? {} : { rowsPerSecond }),
    } satisfies VerifyRunInput,
    steps: [step],
    pausable: true,
    open: () => locks.take(),
    check: () => locks.check(),
    close: () => locks.release(),
    async ended({ id, error }, journal) {
      // One that was cancelled, or that a server kept from its end, proves nothing.
      const differs = error?.code === 'definitions-differ' || error?.code === 'accounts-differ';
      if (error !== null && error.code !== 'content-differs' && !differs && verdictOf(new Findings(journal).tables) !== null) return;
      const { sourceId, standbyId } = spec;
      const summary = summaryOf(new Findings(journal), { id, sourceId, standbyId, scope: scopeText(scope), endedAt: deps.clock() });
      // Rows may be equal under definitions, or beside accounts, that are not.
      if (summary !== null) deps.ended(differs ? { ...summary, equal: false } : summary);
    },
  };
}

/** Builds an interrupted comparison again: it goes on with the tables that are left, or its applier is started and no more. */
export function verifyHandler(deps: VerifyRunDeps): TaskKindHandler<VerifyRunInput> {
  return {
    kind: 'verify',
    input: verifyRunInput,
    rebuild: async (input) => verifyRun(deps, input, { goesOn: true }),
    judge: async (view, { spec }) => {
      const standby = deps.fleet.instance(spec.standbyId).name;
      const undoing = view.steps.some(({ state }) => state === 'undo-failed' || state === 'undoing' || state === 'undone');
      return { verdict: undoing ? 'can-undo' : 'can-resume', text: message('sync.recover.verify', { standby }) };
    },
  };
}

/** @throws Failure `not-found` where the task is no comparison */
export function refuseOtherKind(kind: string, id: string): void {
  if (kind !== 'verify' && kind !== 'repair') throw failure('not-found', { kind: 'verification', name: id });
}
