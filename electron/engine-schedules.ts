import type { TaskView } from '../shared/domain/tasks/task';
import { errorOf, failure } from '../shared/errors/codes';
import { message } from '../shared/i18n/message';
import type { BackupService } from './backup/types';
import { systemTimer } from './schedules/runner';
import { createSchedules } from './schedules/service';
import type { ScheduleDeps, ScheduledWork, Schedules } from './schedules/types';
import { readWatched } from './fleet/read-watched';
import type { Fleet } from './fleet/types';
import type { SyncTasks } from './sync/types';
import type { TaskEngine } from './tasks/types';
import type { VerificationService } from './verification/types';

/** What is done on schedules, by those who do it. */
interface ScheduledServices {
  readonly fleet: Pick<Fleet, 'refresh' | 'view' | 'instances'>;
  readonly sync: Pick<SyncTasks, 'list' | 'get'>;
  readonly verification: Pick<VerificationService, 'compare'>;
  readonly backups: Pick<BackupService, 'takeScheduled' | 'proveDue' | 'expire' | 'forgetSchedule'>;
  readonly tasks: Pick<TaskEngine, 'get' | 'onChange' | 'whenEnded'>;
}

/** The parts of the schedules; those of the running system where none are given. */
type ScheduleParts = Omit<ScheduleDeps, 'timer' | 'localZone'> & Partial<Pick<ScheduleDeps, 'timer' | 'localZone'>> & ScheduledServices;

/** Schedules with every kind of work that this version does on one. Nothing runs before `start`. */
export function createScheduleService({ fleet, sync, verification, backups, ...parts }: ScheduleParts): Schedules {
  const localZone = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone;
  const schedules = createSchedules({ timer: systemTimer, localZone, ...parts });
  schedules.register('verification', verificationWork({ fleet, sync, verification }));
  schedules.register('backup', backupWork({ fleet, backups, tasks: parts.tasks, alert: parts.alert }));
  return schedules;
}

/** A link compared down to the row. A link that was switched over rests: it may be turned back. */
function verificationWork({ fleet, sync, verification }: Pick<ScheduledServices, 'fleet' | 'sync' | 'verification'>): ScheduledWork {
  return {
    single: true,
    subject(id) {
      const task = sync.list().find((one) => one.id === id);
      if (task === undefined) return null;
      const { name, sourceId, standbyId } = task.spec;
      return { name, instanceIds: [sourceId, standbyId], rests: task.state === 'superseded' };
    },
    async start({ subject, rowsPerSecond = null }) {
      const { sourceId, standbyId } = sync.get(subject).spec;
      // What was read last may be old: a link that stands still is no place for a comparison, both sides would differ.
      await readWatched(fleet, standbyId);
      const { spec, can } = sync.get(subject);
      if (!can.verify) throw failure('link-idle', { name: spec.name });
      return verification.compare({ sourceId, standbyId, scope: null, touchedSince: null, rowsPerSecond });
    },
  };
}

/**
 * A whole instance backed up; what its policy does not keep goes once a newer one is whole, and never after one that a user has taken. Then the
 * newest is proven, where it is time for that.
 */
type BackupDeps = Pick<ScheduledServices, 'fleet' | 'backups' | 'tasks'> & Pick<ScheduleDeps, 'alert'>;

export function backupWork({ fleet, backups, tasks, alert }: BackupDeps): ScheduledWork {
  /** Backups of which it was told that they cannot be deleted: once, and not after every run. */
  const told = new Set<string>();
  /** Why the last proof of an instance came to nothing: told once, as that of a run. */
  const unproven = new Map<string, string>();
  const expire = async (instanceId: string, name: string): Promise<void> => {
    const { failed } = await backups.expire(instanceId);
    const [first, ...others] = failed.filter(({ id }) => !told.has(id));
    if (first === undefined) return;
    for (const { id } of failed) told.add(id);
    alert('warning', instanceId, message('backup.alert.expire', { name, id: first.id, others: others.length }));
  };
  const notProven = (instanceId: string, name: string, code: string): void => {
    if (unproven.get(instanceId) === code) return;
    unproven.set(instanceId, code);
    alert('warning', instanceId, message('backup.alert.prove', { name, detail: code }));
  };
  const prove = async (instanceId: string, name: string): Promise<void> => {
    try {
      const task = await backups.proveDue(instanceId);
      if (task === null) return;
      const { state, error } = await tasks.whenEnded(task.id);
      if (state === 'failed') notProven(instanceId, name, error?.code ?? state);
      else if (state === 'done') unproven.delete(instanceId);
    } catch (thrown) {
      notProven(instanceId, name, errorOf(thrown).code);
    }
  };
  const afterwards = async (instanceId: string, { id }: TaskView): Promise<void> => {
    const { state, name } = await tasks.whenEnded(id);
    if (state !== 'done') return;
    await expire(instanceId, name)
      .catch((thrown: unknown) => alert('warning', instanceId, message('backup.alert.retention', { name, detail: errorOf(thrown).code })));
    await prove(instanceId, name);
  };
  return {
    single: true,
    subject(id) {
      const instance = fleet.instances().find((one) => one.id === id);
      return instance === undefined ? null : { name: instance.name, instanceIds: [id], rests: false };
    },
    async start({ subject }) {
      const task = await backups.takeScheduled(subject);
      void afterwards(subject, task);
      return task;
    },
    removed: (id) => backups.forgetSchedule(id),
  };
}
