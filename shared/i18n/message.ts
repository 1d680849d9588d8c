import type { MessageKey } from './en';

/** Values that fill the placeholders of a message. Server text among them is data, never markup. */
export type MessageParams = Readonly<Record<string, string | number>>;

/** Text that is chosen where it is shown, in the reader's language: a catalogue key and what fills it. */
export interface Message {
  readonly key: MessageKey;
  readonly params?: MessageParams;
}

/** Shorthand for a {@link Message}. */
export function message(key: MessageKey, params?: MessageParams): Message {
  return params === undefined ? { key } : { key, params };
}
