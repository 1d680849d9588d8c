import { join } from 'node:path';
import { type TaskView } from '../../shared/domain/tasks/task';
import { TaskCommands } from './commands';
import { InstanceLocks } from './instance-locks';
import { TaskKinds } from './kinds';
import { MissedReports } from './missed-reports';
import { TaskLauncher } from './launcher';
import { TaskQueue } from './queue';
import { TaskRegistry, type Entry } from './registry';

import type { TaskEngine } from './types';

interface EngineOptions {
  readonly dataFolder: string;
  /** Follow what other processes do. */
  readonly watch: boolean;
  /** How many queued tasks (see `TaskDefinition.queued`) may work at the same time. */
  readonly limit?: () => number;
}

/**
 * The durable task engine over the journals of `<dataFolder>/tasks`. Several processes may share the folder: each runs
 * its own tasks, shows those of the others, and takes over only what a dead one left.
 */
export function createTaskEngine({ dataFolder, watch, limit = () => Infinity }: EngineOptions): TaskEngine {
  const folder = join(dataFolder, 'tasks');
  const registry = new TaskRegistry(folder, watch);
  const kinds = new TaskKinds();
  const locks = new InstanceLocks(join(folder, 'locks'));
  const queue = new TaskQueue(limit);
  const launcher = new TaskLauncher(registry, kinds, locks, queue);
  const commands = new TaskCommands(registry, kinds, launcher);
  const reports = new MissedReports(registry, kinds, locks);

  return {
    run: registry.owner.run,
    register(handler) {
      kinds.register(handler);
      queueMicrotask(() => void reports.makeUp(handler.kind));
    },
    start: (definition) => launcher.start(definition),

    get: (id) => registry.viewOf(registry.find(id)),
    list: () => registry.list(),
    isRunHere: (id) => registry.find(id).run !== null,
    memory: (id) => registry.find(id).model,
    whenEnded: (id): Promise<TaskView> => registry.when(id, isAtRest),

    cancel: (id) => commands.cancel(id),
    pause: (id) => commands.pause(id),
    resume: (id) => commands.resume(id),
    recoverable: () => commands.recoverable(),
    resumeInterrupted: (id) => commands.resumeInterrupted(id),
    undoInterrupted: (id) => commands.undoInterrupted(id),
    endByHand: (id, phrase) => commands.endByHand(id, phrase),

    admit: () => queue.admit(),
    tidy: (keep, now) => registry.tidy(keep, now),
    onChange: (listener) => registry.onChange(listener),
    close: async () => registry.close(),
  };
}

function isAtRest({ run, model }: Entry): boolean {
  return run === null && (model.hasEnded() || ['paused', 'interrupted'].includes(model.currentState()));
}
