import type { ComparisonListener } from '../../shared/domain/verification/state';
import type { SyncSpec } from '../../shared/domain/sync/sync';
import type { TaskView } from '../../shared/domain/tasks/task';
import type { ObjectList } from '../copy/rows/object-list';
import type { FleetServers } from '../fleet/types';
import { nothingLeftOut, type LeftOutRecord } from '../replication/left-out';
import type { TaskEngine } from '../tasks/types';
import { verifyHandler, verifyRun } from './task';

export interface VerificationDeps {
  readonly fleet: FleetServers;
  readonly tasks: TaskEngine;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
}

/** Comparisons of the two sides of a link, each a task of its own. */
export class Verification {
  private readonly lists = new Map<string, ObjectList>();
  private readonly listeners = new Set<ComparisonListener>();
  private readonly run;
  private leftOut: (syncId: string) => LeftOutRecord = () => nothingLeftOut;

  constructor(private readonly deps: VerificationDeps) {
    const { fleet, clock } = deps;
    const verified = (syncId: string, gtidSet: string): void => {
      for (const listener of this.listeners) listener.verified(syncId, gtidSet);
    };
    const differs = (syncId: string, tables: string): void => {
      for (const listener of this.listeners) listener.differs(syncId, tables);
    };
    this.run = { fleet, clock, objects: this.lists, verified, differs, leftOut: (syncId: string) => this.leftOut(syncId) };
    deps.tasks.register(verifyHandler(this.run));
  }

  /** Starts the comparison of a link that runs. */
  start(syncId: string, spec: SyncSpec): Promise<TaskView> {
    return this.deps.tasks.start(verifyRun(this.run, { syncId, spec }));
  }

  /** The tables of the comparison that this process began last for a sync task; undefined: none. */
  objects(syncId: string): ObjectList | undefined {
    return this.lists.get(syncId);
  }

  /** Tells it what first copies left out, so that a statement on that does not end a comparison. */
  knowLeftOut(of: (syncId: string) => LeftOutRecord): void {
    this.leftOut = of;
  }

  /** Told what comparisons found. */
  onCompared(listener: ComparisonListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}
