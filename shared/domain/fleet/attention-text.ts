import { message, type Message } from '../../i18n/message';
import type { Quiet, Word } from './problem';

/** Why nobody is called for a problem: on whose word, since and until when. */
export function quietMessage(quiet: Quiet): Message {
  return message(`attention.${quiet.kind}`, wordParams(quiet));
}

/** That nobody is called for an instance, on whose word. */
export function silencedMessage(word: Word): Message {
  return message('attention.silenced', wordParams(word));
}

/** That an instance is not watched, on whose word, since and until when. */
export function pausedMessage(word: Word): Message {
  return message('attention.paused', wordParams(word));
}

function wordParams({ by, since, until, note }: Word): Record<string, string> {
  return {
    by, since: toTheSecond(since), timed: until === null ? 'no' : 'yes', until: until === null ? '' : toTheSecond(until),
    noted: note === '' ? 'no' : 'yes', note,
  };
}

const toTheSecond = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`;
