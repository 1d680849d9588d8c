import type { SqlModes } from '../../../shared/domain/sql/tokens';
import { Bytes } from './bytes';
import type { Catalogue } from './column-definitions';
import { eventTypes, type BinlogEvent } from './event';
import { decodeText } from './text';

/** A statement as an event holds it. */
export interface QueryEvent {
  readonly database: string;
  readonly text: string;
  /** The sql_mode under which the source read it, as far as quotes and backslashes go; null: as usual. */
  readonly modes: SqlModes | null;
  /** The connection that sent it; null: the event does not say. */
  readonly thread: number | null;
  /** `user@host` where the server noted on whose behalf it ran; null: it did not. */
  readonly invoker: string | null;
  /** The number of the error that it ended in on the source, which logs it with what it had done by then; 0: none. */
  readonly errno: number;
  /** A comment beside rows (`binlog_rows_query_log_events`), not something that is carried out. */
  readonly isComment: boolean;
}

/** Statements that only hold a transaction together. */
const frame = /^\s*(?:BEGIN|COMMIT|ROLLBACK|XA\s+(?:START|END|PREPARE|COMMIT|ROLLBACK)\b.*)\s*$/i;

export function isFrame(text: string): boolean {
  return frame.test(text);
}

/** How a prepared transaction ended, and which: its number as {@link preparedXa} says it. */
export interface XaEnd {
  readonly word: 'COMMIT' | 'ROLLBACK';
  readonly xid: string;
}

/** What a statement ends of a transaction that was prepared; null: nothing. */
export function xaEndOf(text: string): XaEnd | null {
  const xa = /^\s*XA\s+(COMMIT|ROLLBACK)\s+X'([0-9a-f]*)',\s*X'([0-9a-f]*)',\s*(\d+)/i.exec(text);
  if (xa === null) return null;
  return { word: xa[1]?.toUpperCase() === 'COMMIT' ? 'COMMIT' : 'ROLLBACK', xid: [xa[2]?.toLowerCase(), xa[3]?.toLowerCase(), xa[4]].join(',') };
}

/** The statement of an event; null: it holds none. */
export function readStatement(event: BinlogEvent, charsetOf: Catalogue['charsetOf']): QueryEvent | null {
  const bytes = new Bytes(event.body);
  if (event.type === eventTypes.rowsQuery) {
    bytes.skip(1);
    return { database: '', text: decodeText(bytes.take(bytes.left), 'utf8mb4'), modes: null, thread: null, invoker: null, errno: 0, isComment: true };
  }
  if (event.type !== eventTypes.query && event.type !== eventTypes.executeLoadQuery) return null;
  const thread = bytes.uint(4);
  // Its duration.
  bytes.skip(4);
  const databaseLength = bytes.uint(1);
  const errno = bytes.uint(2);
  const variables = bytes.uint(2);
  if (event.type === eventTypes.executeLoadQuery) bytes.skip(13);
  const { charset, modes, invoker } = readingOf(new Bytes(bytes.take(variables)), charsetOf);
  const database = bytes.take(databaseLength).toString('utf8');
  bytes.skip(1);
  return { database, text: decodeText(bytes.take(bytes.left), charset), modes, thread, invoker, errno, isComment: false };
}

/** Lengths of status variables by their code; null: a length and a text. Reference: `Query_event_status_vars` in the server's `statement_events.h`. */
const statusVariables: Readonly<Record<number, number | null>> = { 0: 4, 3: 4, 5: null, 6: null, 7: 2, 8: 2, 9: 8, 10: 4 };
const [modeVariable, charsetVariable, invokerVariable] = [1, 4, 11];
/** Of a character set: those of the client, of the connection and of the server. */
const charsetRest = 4;
/** MODE_ANSI_QUOTES and MODE_NO_BACKSLASH_ESCAPES in the server's `system_variables.h`. */
const [ansiQuotes, noBackslashEscapes] = [1n << 2n, 1n << 20n];

/** How the server read the statement: the character set in which the client sent it, what quotes meant, and for whom. */
function readingOf(variables: Bytes, charsetOf: Catalogue['charsetOf']): Pick<QueryEvent, 'modes' | 'invoker'> & { readonly charset: string } {
  let [charset, modes, invoker] = ['utf8mb4', null as SqlModes | null, null as string | null];
  while (variables.left > 0) {
    const code = variables.uint(1);
    if (code === charsetVariable) {
      charset = charsetOf(variables.uint(2)) ?? 'utf8mb4';
      variables.skip(charsetRest);
    } else if (code === modeVariable) modes = modesOf(variables.uint64());
    else if (code === invokerVariable) {
      const [user, host] = [variables.take(variables.uint(1)), variables.take(variables.uint(1))].map((part) => part.toString('utf8'));
      invoker = `${user ?? ''}@${host ?? ''}`;
    } else {
      const length = statusVariables[code];
      if (length === undefined) break;
      variables.skip(length ?? variables.uint(1));
    }
  }
  return { charset, modes, invoker };
}

function modesOf(bits: bigint): SqlModes | null {
  const [ansi, plain] = [(bits & ansiQuotes) !== 0n, (bits & noBackslashEscapes) !== 0n];
  return ansi || plain ? { ansiQuotes: ansi, noBackslashEscapes: plain } : null;
}
