import * as v from 'valibot';
import { errorOf } from '../../shared/errors/codes';
import { message } from '../../shared/i18n/message';
import type { FleetServers } from '../fleet/types';
import type { TaskDefinition, TaskKindHandler } from '../tasks/types';
import { ObjectList } from '../copy/rows/object-list';
import { standbyOf, onStandby } from '../replication/link-context';
import { retryAfterRestart } from '../replication/retry';
import type { LeftOutRecord } from '../replication/left-out';
import { PairLocks } from '../replication/pair-locks';
import { specSchema } from '../replication/sync-spec';
import { verifyAtPosition } from '../comparison/at-position';
import { goesOnWithoutEnd } from '../replication/threads';
import { startApplier } from '../replication/applier';

/** What a comparison needs of the service around it. */
export interface VerifyRunDeps {
  readonly fleet: FleetServers;
  readonly clock: () => number;
  /** The lists of tables of the runs of this process, by sync task. */
  readonly objects: Map<string, ObjectList>;
  /** What the first copy of a sync task left out. */
  readonly leftOut: (syncId: string) => LeftOutRecord;
  /** Both sides were found equal at this position. */
  readonly verified: (syncId: string, gtidSet: string) => void;
  /** They were found different; the tables as far as they were named. */
  readonly differs: (syncId: string, tables: string) => void;
}

/** The durable input of a comparison. */
export const verifyRunInput = v.object({ syncId: v.string(), spec: specSchema });
type VerifyRunInput = v.InferOutput<typeof verifyRunInput>;

/** How long the connections of a run that died may go on holding its locks. */
const deadRunMs = 20_000;
const hour = 3_600_000;

/** Compares a link that runs with its source at one position, while both go on; a difference is named and ends it. */
export function verifyRun(deps: VerifyRunDeps, { syncId, spec }: VerifyRunInput, { goesOn = false }: { readonly goesOn?: boolean } = {}): TaskDefinition {
  const objects = new ObjectList();
  deps.objects.set(syncId, objects);
  const link = { fleet: deps.fleet, spec, objects, leftOut: deps.leftOut(syncId) };
  const locks = new PairLocks(link, 'verify', deps.clock, goesOn ? deadRunMs : 0);
  const standby = standbyOf(link);
  const step = retryAfterRestart(link, locks, {
    id: 'verify',
    title: message('sync.step.verify', { standby: standby.name }),
    async run(context) {
      try {
        deps.verified(syncId, await verifyAtPosition(link, context));
      } catch (thrown) {
        const error = errorOf(thrown);
        if (error.code === 'content-differs') deps.differs(syncId, error.params.tables);
        if (error.code === 'definitions-differ') deps.differs(syncId, error.params.objects);
        throw thrown;
      }
      await deps.fleet.refresh(standby.id);
    },
    // An app that died in the middle leaves the applier stopped, or on its way to the position and no further.
    async undo(context) {
      if (!(await onStandby(link, context, goesOnWithoutEnd))) await startApplier(link, context);
    },
    undoLimitMs: hour,
  });
  return {
    kind: 'verify',
    name: spec.name,
    instanceIds: [spec.sourceId, spec.standbyId],
    sharedInstanceIds: [spec.sourceId],
    input: { syncId, spec } satisfies VerifyRunInput,
    steps: [step],
    open: () => locks.take(),
    check: () => locks.check(),
    close: () => locks.release(),
  };
}

/** Builds an interrupted comparison again: it begins anew, or its applier is started and no more. */
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
