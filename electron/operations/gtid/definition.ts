import { stepsOf, type GtidMember, type GtidStepId } from '../../../shared/domain/operations/gtid-change';
import { failure } from '../../../shared/errors/codes';
import { message } from '../../../shared/i18n/message';
import type { PlannedSql } from '../../../shared/domain/tasks/plan';
import type { FleetServers } from '../../fleet/types';
import type { AuditLog } from '../../storage/types';
import type { Step, StepContext, TaskDefinition } from '../../tasks/types';
import { isTurned, turnToAutoPosition, turnToPosition } from './channels';
import { holdSteps, stepDown, stepUp } from './settings';
import { noteViolations, watchViolations } from './violations';
import { channelOf, untilApplied, untilNoAnonymous, untilNoneOwned } from './waits';
import { GtidWork, type GtidInput } from './work';

export interface GtidDeps {
  readonly fleet: FleetServers;
  readonly audit: AuditLog;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
}

/** An undo may have to wait for a replica to apply what is in its relay log. */
const undoLimitMs = 3_600_000;

/** The task that takes a topology to GTID, rung by rung, each on every server before the next. `goesOn`: after a crash. */
export function gtidDefinition(
  { fleet, audit, clock }: GtidDeps,
  input: GtidInput,
  sql: ReadonlyMap<GtidStepId, readonly PlannedSql[]>,
  goesOn: boolean,
): TaskDefinition {
  const work = new GtidWork(fleet, input, clock);
  const ids = stepsOf(input.members);
  return {
    kind: 'gtid-change',
    name: input.sourceName,
    instanceIds: input.members.map(({ id }) => id),
    input,
    steps: ids.map((id, at): Step => {
      const { run, ...undo } = actsOf(work, id);
      return {
        id, title: message(`gtid.step.${id}`), sql: sql.get(id) ?? [], undoLimitMs, ...undo,
        async run(step) {
          for (const member of input.members) await holdSteps(work, step, ids.slice(0, at), member);
          await run(step);
        },
      };
    }),
    open: () => work.open(goesOn),
    check: () => work.check(),
    close: () => work.close(),
    async ended(view) {
      audit.append({
        action: 'gtid.change', target: input.sourceName, outcome: view.state === 'done' ? 'done' : 'failed',
        detail: { state: view.state, servers: input.members.map(({ name }) => name).join(', '), code: view.error?.code ?? null },
      });
      await Promise.all(input.members.map(({ id }) => fleet.refresh(id)));
    },
  };
}

type Acts = Pick<Step, 'run' | 'undo'>;

function actsOf(work: GtidWork, id: GtidStepId): Acts {
  const { members, watchSeconds } = work.input;
  const everywhere = (act: (member: GtidMember) => Promise<void>): Promise<void> => each(members, act);
  const topDown = (act: (level: readonly GtidMember[]) => Promise<void>): Promise<void> => each(work.levels, act);
  const up = (step: StepContext): Promise<void> => everywhere((member) => stepUp(work, step, id, member));
  const down = (step: StepContext): Promise<void> => all(members, (member) => stepDown(work, step, id, member));
  const links = members.flatMap((replica) => replica.links.filter(isTurned).map((link) => ({ replica, link })));

  switch (id) {
    case 'warn':
      return {
        async run(step) {
          await everywhere((member) => noteViolations(work, step, member));
          await up(step);
        },
        undo: down,
      };
    case 'watch':
      return { run: (step) => watchViolations(work, step, watchSeconds) };
    case 'enforce':
    case 'on-permissive':
      return { run: up, undo: down };
    case 'off-permissive':
      return {
        run: up,
        async undo(step) {
          // Nothing with a GTID may be on its way when either end is OFF: a source that is OFF refuses to send what it logged with one
          // before, and the applier of a replica that is OFF stops at it. None is made any more where every server is OFF_PERMISSIVE.
          await everywhere((member) => holdSteps(work, step, [id], member));
          await everywhere((member) => untilNoneOwned(work, step, member));
          await topDown((level) => untilApplied(work, step, level, false));
          await each(work.levels.flat(), (member) => stepDown(work, step, id, member));
        },
      };
    case 'drain':
      return {
        async run(step) {
          await everywhere((member) => untilNoAnonymous(work, step, member));
          await topDown((level) => untilApplied(work, step, level, true));
        },
      };
    case 'on':
      return {
        // From the sources down: once a source is ON nothing without a GTID can come after, and what is there is applied
        // before its replicas are ON too.
        run: (step) => topDown(async (level) => {
          await each(level, (member) => stepUp(work, step, id, member));
          await untilApplied(work, step, level, true);
        }),
        undo: down,
      };
    case 'auto-position':
      return {
        run: (step) => each(links, ({ replica, link }) => turnToAutoPosition(work, step, replica, link)),
        undo: (step) => all(links, ({ replica, link }) => turnToPosition(work, step, replica, link)),
      };
    case 'confirm':
      return { run: (step) => confirm(work, step) };
  }
}

/** One after the other; the first failure ends it. */
async function each<Item>(items: readonly Item[], act: (item: Item) => Promise<void>): Promise<void> {
  for (const item of items) await act(item);
}

/** For undo: one that fails keeps none of the others from going back. The first failure is told at the end. */
async function all<Item>(items: readonly Item[], act: (item: Item) => Promise<void>): Promise<void> {
  const missed: unknown[] = [];
  for (const item of items) await act(item).catch((thrown: unknown) => missed.push(thrown));
  if (missed.length > 0) throw missed[0];
}

/** Reads every server once more: GTIDs on, and every replica following by them. What its option file needs is told. */
async function confirm(work: GtidWork, step: StepContext): Promise<void> {
  for (const member of work.input.members) {
    const stand = await work.stand(member.id);
    if (stand.mode !== 'ON' || stand.consistency !== 'ON') throw failure('gtid-off', { server: member.name, mode: stand.mode }, { server: member.name });
    for (const link of member.links) {
      const now = await channelOf(work, member.id, link.channel);
      if (now?.autoPosition !== true || now.applier !== 'running') throw failure(
        'step-failed',
        { step: 'confirm', server: member.name },
        { server: member.name, detail: now?.applierError?.text ?? 'Auto_Position: 0' },
      );
    }
    if (member.configLines.length > 0) step.log('warning', 'gtid.log.configLines', { server: member.name, lines: member.configLines.join('; ') });
  }
  await each(work.levels, (level) => untilApplied(work, step, level, true));
}
