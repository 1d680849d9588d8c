import { message } from '../../../shared/i18n/message';
import { eventsAfterLoss } from '../../../shared/domain/promotion/events';
import type { Step, StepContext } from '../../tasks/types';
import type { EmergencyWork } from './context';
import { changeEvents, readEvents } from '../../replication/events';
import { rememberKnownLoss } from './loss';
import { ensureOwnSchema, journalBegins, journalOpened } from '../steps/promotion-journal';
import { settleReplicas } from '../steps/repoint';
import { makeWaiting, notedSemiSync } from '../steps/semi-sync';
import { resetLinks } from '../../replication/reset';
import { actorName } from '../../storage/actor';
import { note } from '../report/notes';
import { memory, notedScope } from '../memory';

/** 5. The journal row with its epoch on the new primary; the old one is not trusted until it has been compared. */
export function recordStep(work: EmergencyWork): Step {
  return {
    id: 'record',
    title: message('promotion.step.record'),
    async run(context) {
      const { deps, input } = work;
      const standby = work.standby(context);
      const set = context.recall(memory.promotionSet);
      await ensureOwnSchema(standby);
      await journalBegins(standby, { id: input.id, kind: 'emergency', newPrimary: input.standbyName, oldPrimary: input.oldPrimaryName, operator: actorName() });
      await journalOpened(standby, input.id, set ?? '');
      if (input.oldPrimaryId !== null) await deps.fleet.setIntent(input.oldPrimaryId, { kind: 'fenced', since: deps.clock(), successorId: input.standbyId });
      await deps.fleet.setIntent(input.standbyId, { kind: 'none' });
      await rememberKnownLoss(work, context);
      await deps.onPromoted({ newPrimaryId: input.standbyId, oldPrimaryId: input.oldPrimaryId, kind: 'emergency', oldFollows: false });
    },
  };
}

/** 6. The old link goes; with it the relay logs, which hold nothing any more that was to be applied. */
export function resetEmergencyStep(work: EmergencyWork): Step {
  return {
    id: 'reset',
    title: message('promotion.step.reset'),
    async run(context) {
      const standby = work.standby(context);
      await resetLinks(await standby.reader(), notedScope(context), (statement) => standby.sql('control', statement));
    },
  };
}

/** 7. The other replicas, each on its own. */
export function siblingsEmergencyStep(work: EmergencyWork): Step {
  const { standbyId, standbyName, sourceId, oldPrimaryId, siblingIds, keptIds, olderIds } = work.input;
  const untrustedIds = oldPrimaryId === null ? [] : [oldPrimaryId];
  const replacedIds = [...untrustedIds, ...(sourceId === null ? [] : [sourceId])];
  return {
    id: 'siblings',
    title: message('promotion.step.siblings'),
    run: async (context) => {
      await settleReplicas(work.sessions, work.deps, context, {
        newPrimaryId: standbyId, newPrimaryName: standbyName, replacedIds, untrustedIds, siblingIds, keptIds, olderIds,
      });
      await makeWaiting(context, work.standby(context), notedSemiSync(context).standby.source);
    },
  };
}

/** 8. Events as the old primary had them, as far as that is known; its scheduler too. */
export function eventsEmergencyStep(work: EmergencyWork): Step {
  return {
    id: 'events',
    title: message('promotion.step.events'),
    async run(context) {
      const standby = work.standby(context);
      const { changes, missing, unsure } = eventsAfterLoss(await readEvents(standby), work.sourceEvents, work.input.seenEvents, work.input.enableEvents);
      if (notedScope(context).kind === 'instance') {
        for (const event of missing) await note(context, message('promotion.note.event-missing', { event, server: standby.name }));
      }
      if (unsure.length > 0) await note(
        context,
        message('promotion.note.events-unsure', { count: unsure.length, events: unsure.join(', '), server: standby.name }),
      );
      for (const { event, reason } of await changeEvents(standby, changes)) await note(context, message('promotion.note.event-left', { event, reason }));
      if (changes.some(({ state }) => state === 'enabled')) await startScheduler(work, context);
    },
  };
}

/** Where events ran on the old primary they run here, unless its scheduler was off when it was last seen. */
async function startScheduler(work: EmergencyWork, context: StepContext): Promise<void> {
  const standby = work.standby(context);
  const scheduler = await standby.text('control', 'SELECT @@GLOBAL.event_scheduler');
  if (!runsEvents(work.input.sourceScheduler) || scheduler === 'ON') return;
  if (scheduler === 'DISABLED') return note(context, message('promotion.note.scheduler-disabled', { server: standby.name }));
  const change = (await standby.dialect()).setLasting('event_scheduler', 'ON');
  await standby.all('control', change.statements);
  for (const line of change.configLines) await note(context, message('promotion.note.config-line', { server: standby.name, line }));
}

/** The scheduler of an old primary that was never seen counts as running: it had events. */
export function runsEvents(scheduler: string | null): boolean {
  return scheduler === null || scheduler === 'ON';
}
