import { failure } from '../shared/errors/codes';
import { systemTimer } from './schedules/runner';
import { createSchedules } from './schedules/service';
import type { ScheduleDeps, ScheduledWork, Schedules } from './schedules/types';
import type { Fleet } from './fleet/types';
import type { SyncTasks } from './sync/types';
import type { VerificationService } from './verification/types';

/** What is done on schedules, by those who do it. */
interface ScheduledServices {
  readonly fleet: Pick<Fleet, 'refresh'>;
  readonly sync: Pick<SyncTasks, 'list' | 'get'>;
  readonly verification: Pick<VerificationService, 'compare'>;
}

/** The parts of the schedules; those of the running system where none are given. */
type ScheduleParts = Omit<ScheduleDeps, 'timer' | 'localZone'> & Partial<Pick<ScheduleDeps, 'timer' | 'localZone'>> & ScheduledServices;

/** Schedules with every kind of work that this version does on one. Nothing runs before `start`. */
export function createScheduleService({ fleet, sync, verification, ...parts }: ScheduleParts): Schedules {
  const localZone = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone;
  const schedules = createSchedules({ timer: systemTimer, localZone, ...parts });
  schedules.register('verification', verificationWork({ fleet, sync, verification }));
  return schedules;
}

/** A link compared down to the row. A link that was switched over rests: it may be turned back. */
function verificationWork({ fleet, sync, verification }: ScheduledServices): ScheduledWork {
  return {
    single: true,
    subject(id) {
      const task = sync.list().find((one) => one.id === id);
      if (task === undefined) return null;
      const { name, sourceId, standbyId } = task.spec;
      return { name, instanceIds: [sourceId, standbyId], rests: task.state === 'superseded' };
    },
    async start({ subject }) {
      const { sourceId, standbyId } = sync.get(subject).spec;
      // What was read last may be old: a link that stands still is no place for a comparison, both sides would differ.
      await fleet.refresh(standbyId);
      const { spec, can } = sync.get(subject);
      if (!can.verify) throw failure('link-idle', { name: spec.name });
      return verification.compare({ sourceId, standbyId, scope: null, touchedSince: null });
    },
  };
}
