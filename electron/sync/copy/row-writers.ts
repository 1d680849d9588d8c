import type { Taking } from '../../mysql/bulk';
import { hasErrno } from '../../mysql/errors';
import { atLeast, type ServerVersion } from '../../../shared/domain/version';
import type { TableToCopy } from './chunks';
import { insertStatement, isGeometry, loadStatement, type Column } from './columns';
import { rowWriter, type CopyJob, type WriterOptions } from './ends';
import { TargetSideFailed, type Pump, type PumpSession } from './pump';

/** A LOAD DATA is one transaction on the target; more than this in one makes it heavy, less makes it slow. */
export const loadBytes = 8 * 1024 * 1024;
/** An INSERT is read as a whole before its first row is written: a long one takes the target's memory, a short one a round trip more. */
const insertBytes = 1024 * 1024;

/** ER_NOT_ALLOWED_COMMAND (before 8.0) and ER_CLIENT_LOCAL_FILES_DISABLED. */
const refusals = [1148, 3948];

/** Seen on 8.0.15 and not on 5.7.22 and 8.0.31: LOAD DATA takes no value for a geometry that is NOT NULL, however it is given (1364). */
function refusesGeometry(version: ServerVersion, columns: readonly Column[]): boolean {
  return atLeast(version, 8, 0) && !atLeast(version, 8, 0, 31) && columns.some(isGeometry);
}

/** A session of the target that takes rows, in its way. */
export interface RowWriter {
  readonly session: PumpSession;
  taking(table: TableToCopy): Taking;
}

/**
 * Opens sessions that take rows: by LOAD DATA LOCAL, the quicker way, where the target's local_infile is on when a session
 * opens. Elsewhere, and for good once a server has refused it in the middle, by INSERT of many rows.
 */
export class RowWriters {
  #told: Taking['way'] | null = null;
  #refused = false;

  constructor(
    private readonly job: CopyJob,
    private readonly pump: Pump,
    private readonly options: WriterOptions,
  ) {}

  async open(): Promise<RowWriter> {
    const { step, target } = this.job;
    const session = await rowWriter(this.pump, target, step.signal, this.options);
    const [row] = await session.query<{ localInfile: string | number; maxAllowedPacket: string | number }>('SELECT @@GLOBAL.local_infile AS localInfile, @@SESSION.max_allowed_packet AS maxAllowedPacket', [], { signal: step.signal });
    const way = !this.#refused && Number(row?.localInfile) === 1 ? 'load' : 'insert';
    this.#tell(way);
    const maxAllowedPacket = Number(row?.maxAllowedPacket);
    return {
      session,
      taking: ({ database, table, columns }) =>
        way === 'load' && !refusesGeometry(session.version, columns)
          ? { way, statement: loadStatement(database, table, columns), batchBytes: loadBytes }
          : { way: 'insert', statement: insertStatement(database, table, columns), batchBytes: insertBytes, maxAllowedPacket },
    };
  }

  /** True where the target did not take rows because local_infile is off there: a session opened anew takes them. */
  refusedLoad(thrown: unknown): boolean {
    if (!(thrown instanceof TargetSideFailed) || !hasErrno(thrown.cause, ...refusals)) return false;
    if (!this.#refused) this.job.step.log('warning', 'sync.log.loadRefused', { server: this.job.target.name });
    this.#refused = true;
    return true;
  }

  #tell(way: Taking['way']): void {
    if (this.#told === way) return;
    this.#told = way;
    this.job.step.log('info', way === 'load' ? 'sync.log.rowsByLoad' : 'sync.log.rowsByInsert', { server: this.job.target.name });
  }
}
