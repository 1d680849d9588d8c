import * as v from 'valibot';
import { message } from '../../../shared/i18n/message';
import { failure } from '../../../shared/errors/codes';
import type { Fleet } from '../../fleet/types';
import type { Json, TaskDefinition, TaskKindHandler } from '../../tasks/types';
import { ObjectList } from '../../copy/rows/object-list';
import { onStandby, standbyOf, type Ground } from '../run/context';
import { outlive } from '../run/retry';
import { PairLocks } from '../run/pair-locks';
import { specSchema } from '../records';
import { carryOn } from '../scope/steps';
import { verifyAtPosition } from './at-position';
import { goesOnWithoutEnd } from '../../replication/threads';

/** What a comparison needs of the service around it. */
export interface VerifyRunDeps {
  readonly fleet: Fleet;
  readonly clock: () => number;
  /** The lists of tables of the runs of this process, by sync task. */
  readonly objects: Map<string, ObjectList>;
  /** Both sides were found equal at this position. */
  readonly verified: (syncId: string, gtidSet: string) => void;
}

const inputSchema = v.object({ syncId: v.string(), spec: specSchema });
type VerifyRunInput = v.InferOutput<typeof inputSchema>;

/** How long the connections of a run that died may go on holding its locks. */
const deadRunMs = 20_000;
const hour = 3_600_000;

/** Compares a link that runs with its source at one position, while both go on; a difference is named and ends it. */
export function verifyRun(deps: VerifyRunDeps, { syncId, spec }: VerifyRunInput, { goesOn = false }: { readonly goesOn?: boolean } = {}): TaskDefinition {
  const objects = new ObjectList();
  deps.objects.set(syncId, objects);
  const ground: Ground = { fleet: deps.fleet, spec, objects };
  const locks = new PairLocks(ground, 'verify', deps.clock, goesOn ? deadRunMs : 0);
  const standby = standbyOf(ground);
  const step = outlive(ground, locks, {
    id: 'verify',
    title: message('sync.step.verify', { standby: standby.name }),
    async run(context) {
      deps.verified(syncId, await verifyAtPosition(ground, context));
      await deps.fleet.refresh(standby.id);
    },
    // An app that died in the middle leaves the applier stopped, or on its way to the position and no further.
    async undo(context) {
      if (!(await onStandby(ground, context, goesOnWithoutEnd))) await carryOn(ground, context);
    },
    undoLimitMs: hour,
  });
  return {
    kind: 'verify',
    name: spec.name,
    instanceIds: [spec.sourceId, spec.standbyId],
    sharedInstanceIds: [spec.sourceId],
    input: JSON.parse(JSON.stringify({ syncId, spec })) as Json,
    steps: [step],
    open: () => locks.take(),
    check: () => locks.check(),
    close: () => locks.release(),
  };
}

/** Builds an interrupted comparison again: it begins anew, or its applier is started and no more. */
export function verifyHandler(deps: VerifyRunDeps): TaskKindHandler {
  const inputOf = (input: Json): VerifyRunInput => {
    const parsed = v.safeParse(inputSchema, input);
    if (!parsed.success) throw failure('internal', { detail: 'the journal of a comparison has an unknown form' });
    return parsed.output;
  };
  return {
    kind: 'verify',
    rebuild: async (input) => verifyRun(deps, inputOf(input), { goesOn: true }),
    judge: async (view, input) => {
      const standby = deps.fleet.instance(inputOf(input).spec.standbyId).name;
      const undoing = view.steps.some(({ state }) => state === 'undo-failed' || state === 'undoing' || state === 'undone');
      return { verdict: undoing ? 'can-undo' : 'can-resume', text: message('sync.recover.verify', { standby }) };
    },
  };
}
