import type { AccountChoice } from '../../../shared/domain/accounts/shared-accounts';
import { failure } from '../../../shared/errors/codes';
import { atLeast, type ServerVersion } from '../../../shared/domain/fleet/version';
import type { ConnectOptions, ConnectTarget, Session, StatementSession } from '../../mysql/types';
import { hasErrno } from '../../mysql/errors';
import { quoteString } from '../../mysql/quote';
import { inSomeDatabase } from '../../mysql/user-schemas';
import type { NamedObject } from '../../../shared/domain/scope/named-objects';
import type { StepContext } from '../../tasks/types';
import type { ObjectList } from '../rows/object-list';
import type { Definition } from '../schema/defined';
import type { CopyScope } from '../schema/scope';
import type { RowPump, RowSession } from '../rows/pump';

/** One side of a copy: the instance's name for texts, and how to reach it with the administrator's login. */
export interface End {
  readonly name: string;
  connect(options?: ConnectOptions): Promise<Session>;
  /** For the sessions of the worker, which logs in by itself. */
  target(): Promise<ConnectTarget>;
}

/** What reading a source at one moment works with. */
export interface ReadJob extends CopyScope {
  readonly step: StepContext;
  readonly source: End;
  /** Told how far each table is. */
  readonly objects?: ObjectList;
  /** For how long the source keeps its binary logs, seconds; 0 or absent: for ever. */
  readonly keepsBinlogSeconds?: number;
  /** Worst lag of the source's other replicas, as last seen, seconds. */
  readonly otherLagSeconds?: () => number | null;
}

/** What every part of a copy works with. */
export interface CopyJob extends ReadJob {
  readonly target: End;
  /** What happens to ordinary accounts that both have and that differ; absent: they become what they are on the source. */
  readonly accounts?: AccountChoice;
  /** Told what a server refused to make. */
  readonly refused?: (object: NamedObject, why: string) => void;
  /** Told each definition of the source as it is used. */
  readonly defined?: (definition: Definition) => void;
  /** Waits until a target that went away in the middle is back, the same one and ready to be written; absent: not waited for. */
  readonly targetReturns?: () => Promise<void>;
}

/** What writing a target works with. */
export type WriteJob = Pick<CopyJob, 'step' | 'target'>;

/** A statement of a copy may take hours: its end is the step's own signal. */
export const unlimited = { timeoutMs: Infinity } as const;

const idleSeconds = 86_400;

/** Modes that change what an expression gives, and nothing else: the value of a generated column depends on them. */
export const evaluatingModes = ['NO_UNSIGNED_SUBTRACTION', 'TIME_TRUNCATE_FRACTIONAL'] as const;

/** SQL: an sql_mode with those modes besides under which the server evaluates expressions for everybody. */
export function withEvaluatingModes(modes: string): string {
  const those = evaluatingModes.map((mode) => `IF(FIND_IN_SET('${mode}', @@GLOBAL.sql_mode) > 0, '${mode}', NULL)`);
  return `CONCAT_WS(',', ${[...(modes === '' ? [] : [`'${modes}'`]), ...those].join(', ')})`;
}

/** Under what a server evaluates expressions for everybody. */
export interface Evaluation {
  readonly modes: readonly (typeof evaluatingModes)[number][];
  /** div_precision_increment, digits. */
  readonly division: number;
  /** default_week_format. */
  readonly week: number;
  /** lc_time_names: the language of the names of days and months. */
  readonly names: string;
  /** block_encryption_mode, which came with 5.6.17: what AES_ENCRYPT gives. */
  readonly encryption?: string;
  /** PAD_CHAR_TO_FULL_LENGTH: a CHAR is computed with as blanks fill it. A matter of who writes rows; whoever reads or compares them wants them as stored. */
  readonly pads?: boolean;
  /** Modes that say which texts and numbers are dates; a matter of who writes rows too. */
  readonly dates?: readonly (typeof dateModes)[number][];
}

const dateModes = ['ALLOW_INVALID_DATES', 'NO_ZERO_DATE', 'NO_ZERO_IN_DATE'] as const;

/** As a file of statements sets it. A server that has not the language, or a mode, refuses it: better than other values. */
export function evaluationSql({ modes, division, week, names, encryption }: Evaluation): readonly string[] {
  return [
    ...(modes.length === 0 ? [] : [`SET SESSION sql_mode = CONCAT_WS(',', @@SESSION.sql_mode, '${modes.join(',')}')`]),
    `SET SESSION div_precision_increment = ${division}, default_week_format = ${week}`, `SET SESSION lc_time_names = ${quoteString(names)}`,
    ...(encryption === undefined ? [] : [`SET SESSION block_encryption_mode = ${quoteString(encryption)}`]),
  ];
}

/** What the generated columns of a server were evaluated under, as far as that can be known: what it gives to its sessions. */
export async function evaluationOf(session: Session): Promise<Evaluation> {
  const knowsEncryption = atLeast(session.version, 5, 6, 17);
  const [row] = await session.query<{ modes: string; division: number | string; week: number | string; names: string; encryption: string | null }>(
    `SELECT @@GLOBAL.sql_mode AS modes, @@GLOBAL.div_precision_increment AS division, @@GLOBAL.default_week_format AS week, @@GLOBAL.lc_time_names AS names,
       ${knowsEncryption ? '@@GLOBAL.block_encryption_mode' : 'NULL'} AS encryption`,
  );
  if (row === undefined) throw failure('internal', { detail: 'no settings of a server' });
  const modes = row.modes.split(',');
  return {
    modes: evaluatingModes.filter((mode) => modes.includes(mode)), division: Number(row.division), week: Number(row.week), names: row.names,
    ...(row.encryption === null ? {} : { encryption: row.encryption }),
    ...(modes.includes('PAD_CHAR_TO_FULL_LENGTH') ? { pads: true } : {}), dates: dateModes.filter((mode) => modes.includes(mode)),
  };
}

/** UTC, no sql_mode that changes how definitions are printed, and time limits that let it wait while the target works. */
function readerSettings({ features, version }: StatementSession['dialect']): readonly string[] {
  const settings = [
    `sql_mode = ${withEvaluatingModes('')}`,
    "time_zone = '+00:00'",
    'sql_quote_show_create = 1',
    `wait_timeout = ${idleSeconds}`,
    'net_write_timeout = 3600',
    'net_read_timeout = 3600',
  ];
  if (features.hasMaxExecutionTime) settings.push('max_execution_time = 0');
  // Password hashes of caching_sha2_password hold bytes that are no text.
  if (atLeast(version, 8, 0, 17)) settings.push('print_identified_with_as_hex = ON');
  return [inSomeDatabase, `SET SESSION ${settings.join(', ')}`, 'SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ'];
}

export interface WriterOptions {
  /** What is written enters the target's binary log, for whoever follows it. */
  readonly logged?: boolean;
  /** The source is older than 8.0. */
  readonly oldSource?: boolean;
  /** What expressions are evaluated under; absent: as the target does. */
  readonly evaluation?: Evaluation;
  /** See {@link ConnectOptions.statements}. */
  readonly statements?: 'bytes';
}

/**
 * The target is written as it stands on the source: nothing of it enters the target's binary log, unless that is wanted, so that the target has
 * no transactions of its own; every value is taken as it is (0 in an AUTO_INCREMENT column, zero and invalid dates,
 * parents after children).
 */
function writerSettings({ version }: StatementSession['dialect'], { oldSource = false, logged = false, evaluation }: WriterOptions): readonly string[] {
  const encryption = atLeast(version, 5, 6, 17) ? evaluation?.encryption : undefined;
  const settings = [
    ...(logged ? [] : ['sql_log_bin = 0']),
    `sql_mode = '${modeOf(version, writerModes, evaluation)}'`,
    ...(evaluation === undefined ? [] : [`div_precision_increment = ${evaluation.division}`, `default_week_format = ${evaluation.week}`]),
    ...(encryption === undefined ? [] : [`block_encryption_mode = ${quoteString(encryption)}`]),
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
  // A key that the source took may be one that this server would not take from a user.
  if (atLeast(version, 8, 4, 0)) settings.push('restrict_fk_on_non_standard_key = OFF');
  if (atLeast(version, 8, 0, 30)) settings.push('sql_generate_invisible_primary_key = OFF');
  // Before 8.0 a definition leaves out the default collation of utf8mb4, which was another one then.
  if (oldSource && atLeast(version, 8, 0, 11)) settings.push("default_collation_for_utf8mb4 = 'utf8mb4_general_ci'");
  return [`SET SESSION ${settings.join(', ')}`];
}

const writerModes = ['NO_AUTO_VALUE_ON_ZERO', 'ALLOW_INVALID_DATES', 'NO_ENGINE_SUBSTITUTION'] as const;

/** sql_mode of the writing session; programs are created under their own and it is put back. */
export const writerMode = writerModes.join(',');

function modeOf(version: ServerVersion, modes: readonly string[], evaluation?: Evaluation): string {
  return [...modes, ...(evaluation?.modes ?? []).filter((mode) => mode !== 'TIME_TRUNCATE_FRACTIONAL' || atLeast(version, 8, 0, 1))].join(',');
}

/**
 * SQL: the sql_mode of a session that takes rows. `dates`: which dates it takes; any there may be, or those that the source takes of its clients, by which
 * what is computed of texts becomes a date or none.
 */
export function takingMode({ version }: Pick<StatementSession, 'version'>, dates: 'any' | 'as-source', evaluation?: Evaluation): string {
  const modes = dates === 'any' ? writerModes : [...writerModes.filter((mode) => mode !== 'ALLOW_INVALID_DATES'), ...(evaluation?.dates ?? [])];
  return `SET SESSION sql_mode = '${modeOf(version, [...modes, ...(evaluation?.pads === true ? ['PAD_CHAR_TO_FULL_LENGTH'] : [])], evaluation)}'`;
}

/** A session that reads the source. */
export async function readerSession(end: End, signal: AbortSignal): Promise<Session> {
  const session = await end.connect({ signal, label: end.name });
  return configured(session, readerSettings(session.dialect));
}

/** A session that writes the target. */
export async function writerSession(end: End, signal: AbortSignal, options: WriterOptions = {}): Promise<Session> {
  const { statements } = options;
  const session = await end.connect({ signal, label: end.name, ...(statements === undefined ? {} : { statements }) });
  return spoken(await configured(session, writerSettings(session.dialect, options)), options);
}

/** A session of the pump whose rows can be sent on. */
export async function rowReader(pump: RowPump, end: End, signal: AbortSignal): Promise<RowSession> {
  const session = await pump.open({ target: await end.target(), label: end.name, takesRows: false }, signal);
  return configured(session, readerSettings(session.dialect));
}

/** A session of the pump that takes rows. */
export async function rowWriter(pump: RowPump, end: End, signal: AbortSignal, options: WriterOptions): Promise<RowSession> {
  const session = await pump.open({ target: await end.target(), label: end.name, takesRows: true }, signal);
  return spoken(await configured(session, [...writerSettings(session.dialect, options), takingMode(session, 'any', options.evaluation)]), options);
}

/** A server without the messages of a language refuses its names too (1231); what then comes out otherwise is found by the comparison. */
async function spoken<Kind extends StatementSession>(session: Kind, { evaluation }: WriterOptions): Promise<Kind> {
  const { names = '' } = evaluation ?? {};
  if (names === '') return session;
  try {
    await session.run(`SET SESSION lc_time_names = ${quoteString(names)}`);
    return session;
  } catch (thrown) {
    if (hasErrno(thrown, 1231)) return session;
    session.destroy();
    throw thrown;
  }
}

async function configured<Kind extends StatementSession>(session: Kind, statements: readonly string[]): Promise<Kind> {
  try {
    for (const statement of statements) await session.run(statement);
    return session;
  } catch (thrown) {
    session.destroy();
    throw thrown;
  }
}
