// What a scanner of statements says, and the words in which it thinks.
/** One statement of a stream of bytes, without its delimiter. */
export interface ScannedStatement {
  /** As they stand; good until more bytes are given. Of a statement that is not `whole` the first ones only. */
  readonly bytes: Uint8Array;
  /** Where it begins and ends in the stream. */
  readonly at: number;
  readonly end: number;
  /** Of its first byte, from 1. */
  readonly line: number;
  /** false: longer than what is held. */
  readonly whole: boolean;
  /** false: the stream ends within a literal, a name or a comment of it. */
  readonly closed: boolean;
  /** Of an INSERT of rows of literals and nothing else: how many; null: of more. */
  readonly rows: number | null;
}

/** Within what the scanner stands. */
export type State = 'plain' | 'string' | 'line-comment' | 'comment' | 'skipped';
/** What a look at the bytes came to; `wait`: more of them are needed to tell. */
export type Found = 'yes' | 'no' | 'wait';

/** The word that begins such a line. */
export const delimiterWord = Uint8Array.from('delimiter', (letter) => letter.charCodeAt(0));

/** Bytes as a text, one to a character. */
export const textOf = (bytes: Uint8Array): string => String.fromCharCode(...bytes);
