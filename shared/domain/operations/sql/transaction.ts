// What statements do to the transaction that they stand in. Pure.
import type { SqlModes } from '../../sql/tokens';
import { executedText } from './executed';
import { isReading, type SqlKind } from './statement-kind';
import { nameOf, wordsIn } from './words';

/**
 * `definition`: it commits what is open before it begins; `opaque`: nobody knows what it runs; `may-commit`: where it succeeds the server says whether a
 * transaction is open; `inside`: it never commits.
 */
type TransactionRole = 'begin' | 'commit' | 'rollback' | 'rollback-to' | 'savepoint' | 'definition' | 'opaque' | 'may-commit' | 'inside';

export interface TransactionPart {
  readonly role: TransactionRole;
  /** The savepoint that it makes, or goes back to; '': none. */
  readonly savepoint: string;
  /** Whether a transaction that is told with its answer is that of the changes before it: it writes none of its own. */
  readonly tellsTheirs: boolean;
}

const inside: ReadonlySet<string> = new Set([
  'INSERT', 'REPLACE', 'UPDATE', 'DELETE', 'WITH', 'SELECT', 'TABLE', 'VALUES', 'DO', 'SHOW', 'EXPLAIN', 'DESCRIBE', 'DESC', 'CHECKSUM', 'HELP', 'SIGNAL',
  'RESIGNAL', 'GET', 'USE', 'RELEASE', 'PREPARE', 'DEALLOCATE',
]);
/** Manual: "Statements That Cause an Implicit Commit". */
const definitions: ReadonlySet<string> = new Set([
  'CREATE', 'ALTER', 'DROP', 'TRUNCATE', 'RENAME', 'GRANT', 'REVOKE', 'OPTIMIZE', 'ANALYZE', 'CHECK', 'REPAIR', 'CACHE',
]);

/** What a statement does to the transaction that it stands in, by the words that a server of this version runs. */
export function transactionPartOf(sql: string, kind: SqlKind, modes: SqlModes, version: number): TransactionPart {
  const { text } = executedText(sql, modes, { executes: (number) => number <= version, digits: 6 });
  const words = wordsIn(text, modes).filter(({ upper }) => upper !== '(' && upper !== ';');
  const [verb = '', second = ''] = words.map(({ upper }) => upper);
  const part = (role: TransactionRole, tellsTheirs = false, savepoint = ''): TransactionPart => ({ role, savepoint, tellsTheirs });
  switch (verb) {
    case 'BEGIN': return part('begin', true);
    case 'START': return second === 'TRANSACTION' ? part('begin', true) : part('may-commit');
    case 'COMMIT': return part('commit', true);
    case 'SAVEPOINT': return part('savepoint', false, nameOf(words.at(-1)));
    case 'ROLLBACK': return words.some(({ upper }) => upper === 'TO') ? part('rollback-to', false, nameOf(words.at(-1))) : part('rollback');
    case 'XA': return second === 'COMMIT' ? part('commit', true) : second === 'ROLLBACK' ? part('rollback') : part('opaque');
    case 'LOCK': return second === 'TABLES' || second === 'TABLE' ? part('definition', true) : part('may-commit');
    case 'CALL':
    case 'EXECUTE': return part('opaque');
    case 'SET':
    case 'UNLOCK': return part('may-commit', isReading(kind));
    default:
      if (inside.has(verb) || verb === '') return part('inside');
      if (kind === 'unknown') return part('opaque');
      // Temporary tables are made and dropped within the transaction.
      return part(definitions.has(verb) && second !== 'TEMPORARY' && !isReading(kind) ? 'definition' : 'may-commit');
  }
}

export interface AnswerOfTransaction {
  /** Whether a transaction is open behind it; null: not told. */
  readonly inTransaction: boolean | null;
  /** Whether transactions were told that were committed with it. */
  readonly committed: boolean;
}

/** `doubtful`: they may have been ended by it, and whatever is open may be another one. */
export type ChangesBehind = 'open' | 'committed' | 'taken-back' | 'unclear' | 'doubtful';

/** What became of the changes of an open transaction behind a statement that was done. */
export function behindDone({ role }: TransactionPart, { inTransaction, committed }: AnswerOfTransaction): ChangesBehind {
  switch (role) {
    case 'begin':
    case 'commit':
      return 'committed';
    case 'rollback':
      return 'taken-back';
    case 'definition':
      return inTransaction === true && !committed ? 'doubtful' : 'committed';
    case 'opaque':
      // It may have taken them back, and committed others.
      return inTransaction === false || committed ? 'unclear' : 'doubtful';
    case 'may-commit':
      return inTransaction === false ? 'committed' : inTransaction === null ? 'doubtful' : 'open';
    case 'inside':
    case 'savepoint':
    case 'rollback-to':
      return inTransaction === false ? 'committed' : 'open';
    default: {
      const unknown: never = role;
      throw new Error(`Unknown role ${String(unknown)}`);
    }
  }
}

/** Errors by which a server takes a whole transaction back: deadlocks, and a group that refuses to commit it. */
const tookBack: ReadonlySet<number> = new Set([1213, 1402, 1613, 1614, 3101]);
/** Errors of a commit, and of what was not understood: nothing may have been committed for it. */
const atCommit: ReadonlySet<number> = new Set([...tookBack, 1064, 1149, 1180, 3100]);

/** What became of the changes of a transaction that is not open any more behind a statement that was not done. `errno` 0: the server named none. */
export function behindFailed({ role }: TransactionPart, errno: number): 'done' | 'taken-back' | 'unclear' {
  switch (role) {
    case 'inside':
    case 'rollback':
    case 'rollback-to':
    case 'savepoint':
      return 'taken-back';
    case 'definition':
      return errno === 0 || atCommit.has(errno) ? 'unclear' : 'done';
    case 'commit':
      return tookBack.has(errno) ? 'taken-back' : 'unclear';
    case 'begin':
    case 'may-commit':
    case 'opaque':
      return 'unclear';
    default: {
      const unknown: never = role;
      throw new Error(`Unknown role ${String(unknown)}`);
    }
  }
}

/** Whether a statement that was not done may have committed what was open before it. */
export const mayHaveCommitted = ({ role }: TransactionPart): boolean => ['begin', 'commit', 'definition', 'opaque', 'may-commit'].includes(role);
