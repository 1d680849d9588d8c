import { errorOf } from '../../shared/errors/codes';
import type { LiveTask } from './live-task';
import type { TaskDefinition } from './types';

/** Tells the definition that its task has ended; a miss is logged and made up for at the next start. */
export async function reportEnd(task: LiveTask, definition: TaskDefinition): Promise<void> {
  try {
    await definition.ended?.(task.model.view(true), task.model);
    task.note({ t: 'reported', at: Date.now() }, false);
    await task.trySync();
  } catch (thrown) {
    task.noteLog('error', 'tasks.reportFailed', { detail: errorOf(thrown).detail ?? errorOf(thrown).code });
  }
}
