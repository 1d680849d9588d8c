import { whyParam } from '../../../../shared/domain/operations/import/rows/form';
import { basename } from 'node:path';
import { failure } from '../../../../shared/errors/codes';
import { atLeast } from '../../../../shared/domain/fleet/version';
import { message, type Message } from '../../../../shared/i18n/message';
import type { FleetServers } from '../../../fleet/types';
import { maxPacketOf } from '../../../mysql/max-packet';
import type { LiveSession, Session } from '../../../mysql/types';
import type { StepContext } from '../../../tasks/types';
import { isTransactional } from '../engines';
import type { ImportInput, Position, RowsInput } from '../input';
import { Stretches, type ImportGuard, type ImportWork } from '../stretches';
import { RowApplier, RowRefused, RowUnclear } from './applier';
import { KeptRows } from './kept';
import { judgedRow, recordsIn, type NumberedRecord, type RecordPiece } from './reading';
import { headReserve } from './scan';
import { setUpRows } from './session';
import { readTarget, type TargetTable } from './target';
import { rowsHead, takerOf, type Taker } from './values';

/** An import of rows, as its journal has it. */
export type RowsImport = ImportInput & { readonly rows: RowsInput; readonly database: string };

/** How each field of a record goes into its table; null: it is left out. */
export function takersOf(
  target: TargetTable, { version }: Pick<Session, 'version'>, { form, mapping, hex = [] }: Pick<RowsInput, 'form' | 'mapping' | 'hex'>,
): readonly (Taker | null)[] {
  const context = {
    form, takesOffsets: atLeast(version, 8, 0, 19), refusesShapes: atLeast(version, 5, 7), hasTriggers: target.triggers > 0,
  };
  return mapping.map((name) => {
    const column = name === null ? undefined : target.columns.find((one) => one.name === name);
    return column === undefined ? null : takerOf(column, { ...context, isHex: hex.includes(column.name) });
  });
}

/** What of a table a plan of rows stands on. */
export function targetBasis({ columns, engine, triggers, keyed }: TargetTable, mapping: readonly (string | null)[]): string {
  const mapped = columns.filter(({ name, optional }) => mapping.includes(name) || !optional);
  return JSON.stringify([mapped.map(({ name, type, charset, srid, nullable }) => [name, type, charset, srid, nullable]), engine, triggers > 0, keyed]);
}

/** Brings the rows of a file into a table, from where the server says that it is. */
export class RowsRun implements ImportWork<RowApplier> {
  readonly #stretches: Stretches<RowApplier>;
  #kept: KeptRows;

  constructor(
    fleet: Pick<FleetServers, 'connect' | 'withSession'>, private readonly input: RowsImport, guard: ImportGuard, private readonly step: StepContext,
    keptPath: string,
  ) {
    this.#kept = new KeptRows(step, { path: keptPath, form: input.rows.form });
    this.#stretches = new Stretches(fleet, input, guard, step, this);
  }

  all(): Promise<void> {
    return this.#stretches.all();
  }

  stand(session: LiveSession, from: Position, doubtUpTo: number): RowApplier {
    this.#kept = this.#kept.forget();
    return new RowApplier(session, this.input.importId, from, this.step.signal, doubtUpTo, this.#kept);
  }

  async apply(session: LiveSession, applier: RowApplier, from: Position): Promise<void> {
    const { file, rows, database, onError } = this.input;
    await setUpRows(session);
    const target = await readTarget(session, database, rows.table);
    if (target === null || targetBasis(target, rows.mapping) !== rows.basis) throw failure('plan-outdated', { what: `${database}.${rows.table}` });
    const packet = await maxPacketOf(session);
    const takers = takersOf(target, session, rows);
    const names = rows.mapping.filter((name) => name !== null);
    applier.into({
      head: rowsHead(rows.mode === 'replace' ? 'REPLACE' : 'INSERT', database, rows.table, names), mode: rows.mode, onError, packet,
      transactional: await isTransactional(session, { database, table: rows.table }), hasTriggers: target.triggers > 0,
    });
    const pieces = recordsIn(file, rows.form, {
      longest: packet, width: takers.length, signal: this.step.signal, onHeader: (record) => this.#kept.header(record),
    })[Symbol.asyncIterator]();
    let next = pieces.next();
    try {
      for (let piece = await next; piece.done !== true; piece = await next) {
        // The next ones are read while the server is at these.
        next = pieces.next();
        next.catch(() => undefined);
        await this.#piece(applier, piece.value, takers, { from, most: packet - headReserve });
      }
    } finally {
      await next.catch(() => undefined);
      await pieces.return?.(undefined);
    }
    await applier.finish();
    await this.#stretches.tellEnd(applier);
    const { statements: records, rows: put } = applier.committed;
    this.step.log('info', 'import.log.rows', { records, rows: put });
  }

  async #piece(
    applier: RowApplier, { records, stored }: RecordPiece, takers: readonly (Taker | null)[],
    { from, most }: { readonly from: Position; readonly most: number },
  ): Promise<void> {
    this.step.checkpoint();
    const last = records.at(-1);
    if (last !== undefined && last.at < from.at) await applier.stayAwake();
    for (const record of records) {
      if (record.at < from.at) continue;
      await this.#one(applier, record, takers, most);
    }
    await this.#stretches.tell(applier, stored);
  }

  async #one(applier: RowApplier, record: NumberedRecord, takers: readonly (Taker | null)[], most: number): Promise<void> {
    const judged = judgedRow(record, takers, most);
    if ('why' in judged) await applier.refuse(record, { ...judged, errno: 0, detail: '' });
    else await applier.put({ record, sql: judged.sql });
  }

  async finished(): Promise<void> {
    await this.#kept.tellJournal();
    this.#kept.told(this.input.name, this.input.file.path);
  }

  progress({ statements, rows }: Position): Message {
    return message('import.rows.progress', { records: statements, all: this.input.statements, rows });
  }

  told(thrown: unknown, { line: committed }: Position): unknown {
    const [file, server] = [basename(this.input.file.path), this.input.name];
    if (thrown instanceof RowRefused) {
      const { record: { number, line, at, end }, refusal: { why, column, errno } } = thrown;
      return failure('import-row', {
        file, record: number, line, at: why === 'changed' ? end : at, end, column: column ?? '', has: column === null ? 'no' : 'yes', why: whyParam(why), errno,
      }, { server });
    }
    if (thrown instanceof RowUnclear) {
      const { number, line, at, end } = thrown.record;
      return failure('import-row-unclear', { file, record: number, line, at, end, committed }, { server });
    }
    return thrown;
  }
}

/** Where an import keeps what was refused of it: written as the file was. */
export function keptName(importId: string, { delimiter }: RowsInput['form']): string {
  return `${importId}.${delimiter === '\t' ? 'tsv' : 'csv'}`;
}
