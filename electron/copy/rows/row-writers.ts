import type { Taking } from '../../mysql/rows/bulk';
import { hasErrno } from '../../mysql/errors';
import { atLeast, type ServerVersion } from '../../../shared/domain/fleet/version';
import type { TableToCopy } from './chunks';
import type { Session } from '../../mysql/types';
import { insertStatement, isGeometry, loadStatement, type Column } from './columns';
import { rowWriter, writerSession, type CopyJob, type WriterOptions } from '../snapshot/sessions';
import { TargetSideFailed, type RowPump, type RowSession } from './pump';

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

/** Into which table the rows of one go. */
export type Destination = (table: TableToCopy) => { readonly database: string; readonly table: string };
export const sameName: Destination = ({ database, table }) => ({ database, table });

/** A session of the target that takes rows, in its way. */
export interface RowWriter {
  readonly session: RowSession;
  /** After how many returns of the target it was opened. */
  readonly life: number;
  taking(table: TableToCopy): Taking;
  /** By INSERT, whatever its way is. */
  inserting(table: TableToCopy): Taking;
}

/**
 * Opens sessions that take rows. The way is decided once for each life of the target, by the first of them: by LOAD DATA LOCAL, the
 * quicker one, where its local_infile is on. Elsewhere, and for good once a server has refused it in the middle, by INSERT of many
 * rows.
 *
 * A target that starts again has forgotten what it was set to for the copy, local_infile among it. So no session counts that was
 * opened before its return was dealt with, however quickly it is back.
 */
export class RowWriters {
  #life = 0;
  #way: Taking['way'] | null = null;
  #told: Taking['way'] | null = null;
  #refused = false;
  /** Opened when the target was ready; it ends with that life of the target. */
  #witness: Promise<Session> | null = null;

  constructor(
    private readonly job: CopyJob,
    private readonly pump: RowPump,
    private readonly options: WriterOptions,
    private readonly into: Destination = sameName,
  ) {}

  /** How often the target has returned. */
  get life(): number {
    return this.#life;
  }

  /** @throws what tells that the target is away, also where it went and came back unseen */
  async open(): Promise<RowWriter> {
    const { step, target } = this.job;
    const life = this.#life;
    await this.#sameLife();
    const session = await rowWriter(this.pump, target, step.signal, this.options);
    try {
      const [row] = await session.query<{ localInfile: string | number; maxAllowedPacket: string | number }>(
        'SELECT @@GLOBAL.local_infile AS localInfile, @@SESSION.max_allowed_packet AS maxAllowedPacket', [], { signal: step.signal },
      );
      await this.#sameLife();
      const way = this.#refused ? 'insert' : (this.#way ??= Number(row?.localInfile) === 1 ? 'load' : 'insert');
      this.#tell(way);
      const maxAllowedPacket = Number(row?.maxAllowedPacket);
      const inserting: RowWriter['inserting'] = (all) => {
        const { database, table } = this.into(all);
        return { way: 'insert', statement: insertStatement(database, table, all.columns), batchBytes: insertBytes, maxAllowedPacket };
      };
      return {
        session,
        life,
        inserting,
        taking: (all) => {
          const { columns } = all;
          const { database, table } = this.into(all);
          if (way === 'insert' || refusesGeometry(session.version, columns)) return inserting(all);
          return { way, statement: loadStatement(database, table, columns), batchBytes: loadBytes };
        },
      };
    } catch (thrown) {
      session.destroy();
      throw thrown;
    }
  }

  /** The target is back and ready: what was decided before holds no more. */
  returned(): void {
    this.#life += 1;
    this.#way = null;
    this.close();
  }

  close(): void {
    const witness = this.#witness;
    this.#witness = null;
    void witness?.then((session) => session.destroy(), () => undefined);
  }

  /** True where the target did not take rows because local_infile is off there: a session opened anew takes them. */
  refusedLoad(thrown: unknown): boolean {
    if (!(thrown instanceof TargetSideFailed) || !hasErrno(thrown.cause, ...refusals)) return false;
    if (!this.#refused) this.job.step.log('warning', 'sync.log.loadRefused', { server: this.job.target.name });
    this.#refused = true;
    return true;
  }

  async #sameLife(): Promise<void> {
    const { step, target } = this.job;
    this.#witness ??= writerSession(target, step.signal);
    const witness = this.#witness;
    try {
      await (await witness).query('DO 0', [], { signal: step.signal });
    } catch (thrown) {
      // One that could not be opened is asked for again; one that is dead stays so until the return was dealt with.
      if (this.#witness === witness && !(await witness.then(() => true, () => false))) this.#witness = null;
      throw thrown;
    }
  }

  #tell(way: Taking['way']): void {
    if (this.#told === way) return;
    this.#told = way;
    this.job.step.log('info', way === 'load' ? 'sync.log.rowsByLoad' : 'sync.log.rowsByInsert', { server: this.job.target.name });
  }
}
