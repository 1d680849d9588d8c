import type { TaskKind } from '../../shared/domain/tasks/task';
import type { InstanceLocks } from './instance-locks';
import type { TaskKinds } from './kinds';
import { isAlive } from './owner';
import type { Entry, TaskRegistry } from './registry';
import { reportEnd } from './reports';

/** Reports of tasks whose process died between their end and its report. */
export class MissedReports {
  constructor(
    private readonly registry: TaskRegistry,
    private readonly kinds: TaskKinds,
    private readonly locks: InstanceLocks,
  ) {}

  /** Makes up for those of one kind, each whatever becomes of the others. */
  async makeUp(kind: TaskKind): Promise<void> {
    for (const entry of this.registry.all()) {
      const { model } = entry;
      if (model.created.kind !== kind || !model.hasEnded() || model.reported || isAlive(model.owner)) continue;
      // What cannot be made up for now (its instance was removed, say) is tried again at the next start.
      await this.report(entry).catch(() => undefined);
    }
  }

  private async report(entry: Entry): Promise<void> {
    const { model } = entry;
    const { created } = model;
    const release = this.locks.acquire(
      [`report-${model.id}`],
      { owner: this.registry.owner, taskId: model.id, kind: created.kind, what: created.name, since: Date.now() },
    );
    try {
      await this.registry.claim(model.id, async () => {
        const definition = await this.kinds.read(created).rebuild(model);
        const live = this.registry.open(entry);
        await reportEnd(live, definition);
        live.close();
      });
    } finally {
      release();
    }
  }
}
