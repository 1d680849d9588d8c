import type { Message } from '../../../shared/i18n/message';
import type { StepContext } from '../../tasks/types';
import { memory } from '../memory';

/** Adds a line to the report, durably. */
export async function note(context: StepContext, text: Message, level: 'info' | 'warning' = 'warning'): Promise<void> {
  await context.remember(memory.notes, [...(context.recall(memory.notes) ?? []), text]);
  context.log(level, text.key, text.params);
}
