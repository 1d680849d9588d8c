import { errorOf, failure } from '../../shared/errors/codes';
import type { PlannedSql } from '../../shared/domain/tasks/plan';
import type { Step, TaskDefinition } from '../tasks/types';
import { eventsEmergencyStep, recordStep, resetEmergencyStep, siblingsEmergencyStep } from './emergency/after';
import { drainStep, fenceSourceStep, openEmergencyStep, stopEmergencyStep, stopReceiverStep, verifyFenceStep } from './emergency/before';
import { endDelayStep } from './emergency/end-delay';
import { EmergencyWork, type EmergencyInput } from './emergency/context';
import type { Reports } from './report/reports';
import { readStanding } from './report/standing';
import { catchUpStep, fenceStep, prepareStep, stopStep, warmUpStep } from './switchover/before';
import { eventsStep, followStep, openStep, resetStep, rolesStep, siblingsStep } from './switchover/after';
import { SwitchoverWork, type SwitchoverInput } from './switchover/context';
import type { PromotionDeps } from './types';

/** The SQL of this very pair, by step; what a plan shows and a task begins with. */
export type StepSql = ReadonlyMap<string, readonly PlannedSql[]>;

/** The steps of a planned switchover in their one order (INVARIANTS.md). */
export function switchoverSteps(work: SwitchoverWork): Step[] {
  return [
    prepareStep(work),
    warmUpStep(work),
    fenceStep(work),
    catchUpStep(work),
    stopStep(work),
    openStep(work),
    eventsStep(work),
    followStep(work),
    resetStep(work),
    siblingsStep(work),
    rolesStep(work),
  ];
}

/** The steps of an emergency promotion in their one order. */
export function emergencySteps(work: EmergencyWork): Step[] {
  return [
    ...(work.input.endsDelay > 0 ? [endDelayStep(work)] : []),
    stopReceiverStep(work),
    fenceSourceStep(work),
    drainStep(work),
    stopEmergencyStep(work),
    openEmergencyStep(work),
    recordStep(work),
    resetEmergencyStep(work),
    siblingsEmergencyStep(work),
    eventsEmergencyStep(work),
    verifyFenceStep(work),
  ];
}

const withSql = (steps: readonly Step[], sql: StepSql): Step[] =>
  steps.map((step) => {
    const planned = sql.get(step.id);
    // Steps are plain objects of closures: nothing of them is lost by copying.
    return planned === undefined ? step : { ...step, sql: planned };
  });

/** What goes on in another process needs the passwords of every server that it will speak to: asked for before it begins, not told as a warning after. */
async function requirePasswords({ fleet }: PromotionDeps, ids: readonly string[]): Promise<void> {
  const missing: string[] = [];
  for (const { id, name } of fleet.instances().filter((instance) => ids.includes(instance.id))) {
    try {
      await fleet.loginOf(id);
    } catch (thrown) {
      if (errorOf(thrown).code !== 'password-missing') throw thrown;
      missing.push(name);
    }
  }
  if (missing.length > 0) throw failure('password-missing', { name: missing.join(', ') });
}

/** The task of a planned switchover. `resumed`: the application died in it, and servers may be away. */
export function switchoverDefinition(
  deps: PromotionDeps,
  reports: Reports,
  input: SwitchoverInput,
  sql: StepSql,
  resumed: boolean,
): { readonly definition: TaskDefinition; readonly work: SwitchoverWork } {
  const work = new SwitchoverWork(deps, input);
  const definition: TaskDefinition = {
    kind: 'switchover',
    name: `${input.sourceName} → ${input.standbyName}`,
    instanceIds: [input.sourceId, input.standbyId],
    input,
    steps: withSql(switchoverSteps(work), sql),
    mayResume: () => requirePasswords(deps, [input.sourceId, input.standbyId, ...input.siblingIds, ...input.keptIds, ...input.behindIds]),
    open: () => (resumed ? work.reopen() : work.open()),
    check: () => work.check(),
    close: () => work.close(),
    ended: async (view, memory) => reports.write('planned', input, view, memory, (await readStanding(deps.fleet, input.sourceId, input.standbyId)).standing),
  };
  return { definition, work };
}

/** The task of an emergency promotion. */
export function emergencyDefinition(
  deps: PromotionDeps,
  reports: Reports,
  input: EmergencyInput,
  sql: StepSql,
): { readonly definition: TaskDefinition; readonly work: EmergencyWork } {
  const work = new EmergencyWork(deps, input);
  const definition: TaskDefinition = {
    kind: 'promotion',
    name: input.standbyName,
    instanceIds: [input.standbyId],
    input,
    steps: withSql(emergencySteps(work), sql),
    mayResume: () => requirePasswords(deps, [input.standbyId, ...input.siblingIds, ...input.keptIds]),
    open: () => work.open(),
    check: () => work.check(),
    close: () => work.close(),
    ended: async (view, memory) => reports.write(
      'emergency',
      input,
      view,
      memory,
      (await readStanding(deps.fleet, input.oldPrimaryId, input.standbyId)).standing,
    ),
  };
  return { definition, work };
}
