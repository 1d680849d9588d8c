import type { Readable } from 'node:stream';
import { atLeast } from '../../../shared/domain/version';
import type { Scope } from '../../../shared/domain/scope';
import type { ConnectOptions, Session } from '../../mysql/types';
import type { StepContext } from '../../tasks/types';

/** One side of a copy: the instance's name for texts, and how to reach it with the administrator's login. */
export interface End {
  readonly name: string;
  connect(options?: ConnectOptions): Promise<Session>;
}

/** What every part of a copy works with. */
export interface CopyJob {
  readonly step: StepContext;
  readonly source: End;
  readonly target: End;
  readonly scope: Scope;
}

/** A statement of a copy may take hours: its end is the step's own signal. */
export const unlimited = { timeoutMs: Infinity } as const;

const idleSeconds = 86_400;

/**
 * A session that reads the source: UTC, no sql_mode that changes how definitions are printed, and time limits that let it
 * wait while the target works.
 */
export async function readerSession(end: End, signal: AbortSignal): Promise<Session> {
  const session = await end.connect({ signal, label: end.name });
  const { features, version } = session.dialect;
  const settings = [
    "sql_mode = ''",
    "time_zone = '+00:00'",
    'sql_quote_show_create = 1',
    `wait_timeout = ${idleSeconds}`,
    'net_write_timeout = 3600',
    'net_read_timeout = 3600',
  ];
  if (features.hasMaxExecutionTime) settings.push('max_execution_time = 0');
  // Password hashes of caching_sha2_password hold bytes that are no text.
  if (atLeast(version, 8, 0, 17)) settings.push('print_identified_with_as_hex = ON');
  return configured(session, [`SET SESSION ${settings.join(', ')}`, 'SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ']);
}

/**
 * A session that writes the target as it stands on the source: nothing of it enters the target's binary log, so that the
 * target has no transactions of its own; every value is taken as it is (0 in an AUTO_INCREMENT column, zero and invalid
 * dates, parents after children).
 */
export async function writerSession(end: End, signal: AbortSignal, options: { readonly localInfile?: (name: string) => Readable; readonly oldSource?: boolean } = {}): Promise<Session> {
  const { localInfile } = options;
  const session = await end.connect({ signal, label: end.name, ...(localInfile === undefined ? {} : { localInfile }) });
  const { version } = session.dialect;
  const settings = [
    'sql_log_bin = 0',
    `sql_mode = '${writerMode}'`,
    "time_zone = '+00:00'",
    'foreign_key_checks = 0',
    'unique_checks = 0',
    'innodb_strict_mode = OFF',
    `wait_timeout = ${idleSeconds}`,
    'net_write_timeout = 3600',
    'net_read_timeout = 3600',
  ];
  if (atLeast(version, 5, 7, 0)) settings.push('explicit_defaults_for_timestamp = ON');
  if (atLeast(version, 8, 0, 13)) settings.push('sql_require_primary_key = OFF');
  if (atLeast(version, 8, 0, 30)) settings.push('sql_generate_invisible_primary_key = OFF');
  // Before 8.0 a definition leaves out the default collation of utf8mb4, which was another one then.
  if (options.oldSource === true && atLeast(version, 8, 0, 11)) settings.push("default_collation_for_utf8mb4 = 'utf8mb4_general_ci'");
  return configured(session, [`SET SESSION ${settings.join(', ')}`]);
}

/** sql_mode of the writing session; programs are created under their own and it is put back. */
export const writerMode = 'NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES';

async function configured(session: Session, statements: readonly string[]): Promise<Session> {
  try {
    for (const statement of statements) await session.run(statement);
    return session;
  } catch (thrown) {
    session.destroy();
    throw thrown;
  }
}
