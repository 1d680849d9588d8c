import type { Message } from '../../../shared/i18n/message';
import type { Json, StepContext } from '../../tasks/types';

/** Where the task's durable memory holds what its report is to say besides the steps. */
export const notesKey = 'notes';

/** Adds a line to the report, durably. */
export async function note(context: StepContext, text: Message, level: 'info' | 'warning' = 'warning'): Promise<void> {
  const known = context.recall(notesKey);
  await context.remember(notesKey, [...(Array.isArray(known) ? (known as Json[]) : []), messageToJson(text)]);
  context.log(level, text.key, text.params);
}

function messageToJson(text: Message): Json {
  return { key: String(text.key), params: { ...text.params } };
}

export function messagesFromJson(json: Json | undefined): Message[] {
  return Array.isArray(json) ? (json as unknown as Message[]) : [];
}
