import { rawNames } from '../../shared/domain/monitoring/series';
import type { RawSample } from '../../shared/domain/monitoring/rates';
import { checkpointAgeOf, countDeadlocks, latestDeadlockOf, type DeadlockCount } from '../../shared/domain/monitoring/innodb-report';
import { missingGrant } from '../mysql/accounts/missing-grant';
import { isRefusal, numberOf, textOf } from '../mysql/reading';
import type { Session } from '../mysql/types';

interface Limits {
  /** Of each statement, milliseconds. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** How a sample is taken at present. */
export interface CollectOptions extends Limits {
  /** The report of InnoDB is read too, where the version tells its checkpoint nowhere else: it is the costliest of the three. */
  readonly withReport: boolean;
}

/** A sample but for the moment at which it was taken. */
export type Collected = Omit<RawSample, 'at' | 'steadyMs'>;

const metricNames = rawNames.filter((name) => name.startsWith('metric.')).map((name) => name.slice('metric.'.length));
/** From 8.0.30 on the status tells how far the redo log and its checkpoint are. */
const redoNames = ['Innodb_redo_log_current_lsn', 'Innodb_redo_log_checkpoint_lsn'];
const statusNames = [...rawNames.filter((name) => !name.startsWith('metric.') && name !== 'checkpoint_age'), 'Uptime', ...redoNames];
const quoted = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(', ');

/*
 * Three statements at most. None touches a table or its metadata: not one of them waits for a metadata lock. SHOW keeps the first and the
 * third out of the slow log where statements without an index are logged (manual: log_queries_not_using_indexes), the session the second.
 */
const statusStatement = `SHOW GLOBAL STATUS WHERE Variable_name IN (${quoted(statusNames)})`;
const metricsStatement = 'SELECT NAME AS name, COUNT AS value FROM information_schema.INNODB_METRICS'
  + ` WHERE STATUS = 'enabled' AND NAME IN (${quoted(metricNames)})`;
const reportStatement = 'SHOW ENGINE INNODB STATUS';

/** A right that was refused may have been granted since. */
const askAgainMs = 60_000;

/** The right that the second and the third of them need. */
const neededRight = 'PROCESS';

/**
 * Reads raw values over one session that is kept for it. What the account may not read is asked for again after a while only: each refusal
 * is an error that the server counts. `refusedGrant` says which right is wanting.
 */
export class Collector {
  #refused: string | null = null;
  #askAgainAt = 0;
  #checkpointAge: number | null = null;
  #deadlocks: DeadlockCount | null = null;

  /** `own`: what this program has sent to the server so far. */
  constructor(private readonly session: Session, private readonly own: () => RawSample['own']) {}

  /** The statement that would give the account what it lacks; null: it lacks nothing. */
  get refusedGrant(): string | null {
    return this.#refused;
  }

  /** @throws what ended the connection, or the limit */
  async collect({ withReport, ...limits }: CollectOptions): Promise<Collected> {
    const options = { ...limits, plain: true };
    const raw: Record<string, number> = {};
    for (const row of await this.session.query<{ Variable_name: string; Value: unknown }>(statusStatement, [], options)) {
      const value = numberOf(row.Value);
      if (value !== null) raw[row.Variable_name] = value;
    }
    // As many as the server had counted when it answered, as well as one can know.
    const own = this.own();
    for (const { name, value } of await this.#asked<{ name: string; value: unknown }>(metricsStatement, options)) {
      const number = numberOf(value);
      if (number !== null) raw[`metric.${name}`] = number;
    }
    const [current, checkpoint] = redoNames.map((name) => raw[name]);
    if (current !== undefined && checkpoint !== undefined) raw['checkpoint_age'] = Math.max(0, current - checkpoint);
    else await this.#addReport(raw, withReport, options);
    return { uptimeSeconds: raw['Uptime'] ?? null, raw, own };
  }

  /** Not read with every sample of an instance that nobody looks at: what the last report told of the checkpoint stands until the next. */
  async #addReport(raw: Record<string, number>, withReport: boolean, options: Limits): Promise<void> {
    const rows = withReport ? await this.#asked<Record<string, unknown>>(reportStatement, options) : [];
    const report = textOf(rows[0]?.['Status']);
    if (report !== null) this.#checkpointAge = checkpointAgeOf(report);
    if (this.#checkpointAge !== null) raw['checkpoint_age'] = this.#checkpointAge;
    const counted = raw['metric.lock_deadlocks'];
    if (counted === undefined || this.session.dialect.features.countsEveryDeadlock) return;
    this.#deadlocks = countDeadlocks(this.#deadlocks, counted, report === null ? undefined : latestDeadlockOf(report));
    raw['metric.lock_deadlocks'] = this.#deadlocks.counted + this.#deadlocks.left;
  }

  async #asked<Row>(sql: string, options: Limits): Promise<Row[]> {
    if (this.#refused !== null && performance.now() < this.#askAgainAt) return [];
    try {
      const rows = await this.session.query<Row>(sql, [], options);
      this.#refused = null;
      return rows;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      this.#refused = await missingGrant(this.session, neededRight, '*.*', options);
      this.#askAgainAt = performance.now() + askAgainMs;
      return [];
    }
  }
}
