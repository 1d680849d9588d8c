import { basename } from 'node:path';
import { atLeast } from '../../../../shared/domain/fleet/version';
import type { ImportFile } from '../../../../shared/domain/operations/import/plan';
import { isOfBytes, whyParam, type GuessedPart, type RowsForm } from '../../../../shared/domain/operations/import/rows/form';
import { mappingFaults } from '../../../../shared/domain/operations/import/rows/mapping';
import type { RowsPlan, RowsRequest } from '../../../../shared/domain/operations/import/rows/plan';
import type { Precondition } from '../../../../shared/domain/tasks/plan';
import { message } from '../../../../shared/i18n/message';
import { maxPacketOf } from '../../../mysql/max-packet';
import type { Session } from '../../../mysql/types';
import { planLifeMs } from '../../../tasks/plan-drafts';
import { askedPrefix, named } from '../asked';
import { replicasCondition } from '../draft';
import { isTransactional } from '../engines';
import type { ImportInput } from '../input';
import { takersOf, targetBasis } from './run';
import { scanRows, type ScannedRows } from './scan';
import { readTarget, takesRows, type TargetTable } from './target';

/** A plan of rows with what it stands on. */
export interface RowsDraft {
  readonly plan: RowsPlan;
  readonly request: RowsRequest;
  /** The file, and the table as it is filled. */
  readonly basis: string;
  readonly input: ImportInput;
}

/** A file that was read whole already, for this form and table. */
export interface KnownRows {
  readonly key: string;
  readonly scan: ScannedRows;
}

interface RowsCase {
  readonly id: string;
  readonly request: RowsRequest;
  readonly name: string;
  readonly file: ImportFile;
  readonly replicas: readonly string[];
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  readonly known: KnownRows | null;
  readonly signal: AbortSignal | undefined;
}

type WithSession = <Result>(use: (session: Session) => Promise<Result>) => Promise<Result>;

/** What of a server decides how a file is read. */
interface Reading {
  readonly target: TargetTable | null;
  readonly packet: number;
  readonly transactional: boolean;
  readonly zone: string;
  readonly knowsGb18030: boolean;
  readonly takers: ReturnType<typeof takersOf>;
}

const nothing: ScannedRows = {
  plainBytes: 0, lines: 0, records: 0, refusedCount: 0, refused: [], unread: null, hash: '', begins: true,
  nullWords: { count: 0, line: 0 }, hexWords: { count: 0, line: 0 },
};

/** Reads the whole file and the table that it goes into, and plans; changes nothing. */
export async function draftRows(withSession: WithSession, one: RowsCase): Promise<{ readonly draft: RowsDraft; readonly known: KnownRows }> {
  const { request, file, signal } = one;
  const reading = await withSession((session) => readingOf(session, request));
  const { target, packet, takers } = reading;
  const basis = target === null ? '' : targetBasis(target, request.mapping);
  const key = JSON.stringify([file, request.form, request.mapping, request.hex ?? [], request.fromByte, packet, basis]);
  const isReadable = target !== null && faultsOf(target, request) === null;
  const scan = one.known?.key === key ? one.known.scan
    : !isReadable ? nothing
      : await scanRows({ file, form: request.form, takers, packet, fromByte: request.fromByte, signal, ofBytes: bytesIn(target, request) });
  return { draft: draftOf(one, reading, scan, basis, key), known: { key, scan } };
}

const typeIn = ({ columns }: TargetTable, name: string | null): string => columns.find((column) => column.name === name)?.type ?? '';

/** Fields whose text is the bytes of a column. */
function bytesIn(target: TargetTable, { mapping, hex = [] }: RowsRequest): readonly boolean[] {
  return mapping.map((name) => isOfBytes(typeIn(target, name)) && (name === null || !hex.includes(name)));
}

async function readingOf(session: Session, request: RowsRequest): Promise<Reading> {
  const { database, table } = request;
  const target = await readTarget(session, database, table);
  const [row] = await session.query<{ zone: string }>("SELECT IF(@@GLOBAL.time_zone = 'SYSTEM', @@system_time_zone, @@GLOBAL.time_zone) AS zone");
  return {
    target, packet: await maxPacketOf(session), transactional: await isTransactional(session, { database, table }), zone: row?.zone ?? '',
    knowsGb18030: atLeast(session.version, 5, 7, 4), takers: target === null ? [] : takersOf(target, session, request),
  };
}

function draftOf(one: RowsCase, reading: Reading, scan: ScannedRows, basis: string, key: string): RowsDraft {
  const { id, request, name, file, replicas, clock } = one;
  const { instanceId, database, table, form, mapping, mode, onError, fromByte } = request;
  const { begins: _begins, nullWords, hexWords, ...told } = scan;
  const { target } = reading;
  const preconditions = [
    fileCondition(file, scan), formCondition(form, reading), ...(request.guessed ?? []).map(guessedCondition),
    tableCondition(request, target), ...(target === null ? [] : [
      mappingCondition(target, request), ...fromCondition(request, scan), rowsCondition(scan, onError),
      ...wordCondition('null', nullWords), ...wordCondition('hex', hexWords), ...hexCondition(target, request),
      ...zoneCondition(target, request, reading.zone),
      ...takenCondition(target, request), ...engineCondition(reading), ...triggerCondition(target),
    ]), replicasCondition(replicas),
  ];
  const now = clock();
  const plan: RowsPlan = {
    id, kind: 'import-rows', createdAt: now, expiresAt: now + planLifeMs, preconditions, warnings: [],
    phrase: preconditions.some((condition) => condition.id.startsWith(askedPrefix)) ? name : null,
    steps: [{ id: 'import', title: message('import.step.run', { file: basename(file.path) }), sql: [], pointOfNoReturn: false, undoable: false }],
    instanceId, name, file, database, table, form, mapping, mode, onError, fromByte, scan: told, replicas,
  };
  const input: ImportInput = {
    instanceId, name, importId: id, file, database, onError, fromByte, statements: scan.records,
    rows: { table, form, mapping, hex: request.hex, mode, basis },
  };
  const failing = preconditions.filter(({ status }) => status === 'fail').map((condition) => condition.id);
  return { plan, request, basis: JSON.stringify([key, scan.hash, reading.transactional, failing]), input };
}

type Told = Pick<Precondition, 'status' | 'measured'> & { readonly remedy?: Precondition['remedy'] };

function condition(id: string, title: Precondition['title'], { status, measured, remedy = null }: Told): Precondition {
  return { id, title, sql: '', status, measured, remedy };
}

function fileCondition({ size, format }: ImportFile, { records, plainBytes }: ScannedRows): Precondition {
  const measured = message('import.rows.file.read', { format, size, plain: plainBytes, records });
  return condition('file', message('import.precondition.file'), { status: records > 0 ? 'pass' : 'fail', measured });
}

function formCondition(form: RowsForm, { knowsGb18030 }: Reading): Precondition {
  const title = message('import.rows.form');
  if (form.encoding === 'gb18030' && !knowsGb18030) {
    return condition('form', title, { status: 'fail', measured: message('import.rows.form.gb18030'), remedy: message('import.rows.form.gb18030.remedy') });
  }
  const delimiter = form.delimiter === '\t' ? 'TAB' : form.delimiter;
  const measured = message('import.rows.form.told', {
    encoding: form.encoding, delimiter, quote: form.quote ?? '', quoted: form.quote === null ? 'no' : 'yes', escape: form.escape,
    header: form.header ? 'yes' : 'no', decimal: form.decimal,
  });
  return condition('form', title, { status: 'pass', measured });
}

/** A guess that is wrong makes other values, which nothing refuses. */
function guessedCondition(part: GuessedPart): Precondition {
  const title = message('import.rows.guessed');
  return condition(`guessed-${part}`, title, {
    status: 'warn', measured: message(`import.rows.guessed.${part}`), remedy: message(`import.rows.guessed.${part}.remedy`),
  });
}

function tableCondition({ database, table }: RowsRequest, target: TargetTable | null): Precondition {
  const title = message('import.precondition.target');
  const name = `${database}.${table}`;
  if (!takesRows(database)) return condition('target', title, { status: 'fail', measured: message('import.rows.table.system', { name }) });
  if (target === null) {
    const measured = message('import.rows.table.missing', { name });
    return condition('target', title, { status: 'fail', measured, remedy: message('import.rows.table.remedy') });
  }
  if (target.engine === null) return condition('target', title, { status: 'fail', measured: message('import.rows.table.view', { name }) });
  return condition('target', title, { status: 'pass', measured: message('import.rows.table', { name }) });
}

/** Why a file cannot be read for a table; null: it can. */
function faultsOf({ columns }: TargetTable, { mapping }: RowsRequest): ReturnType<typeof message> | null {
  const { missing, twice, generated, needed } = mappingFaults(mapping, columns);
  if (missing.length > 0) return message('import.rows.mapping.missing', { names: named(missing) });
  if (twice.length > 0) return message('import.rows.mapping.twice', { names: named(twice) });
  if (generated.length > 0) return message('import.rows.mapping.generated', { names: named(generated) });
  if (mapping.every((name) => name === null)) return message('import.rows.mapping.none');
  return needed.length > 0 ? message('import.rows.mapping.needed', { names: named(needed) }) : null;
}

function mappingCondition(target: TargetTable, request: RowsRequest): Precondition {
  const [title, fault] = [message('import.rows.mapping'), faultsOf(target, request)];
  if (fault !== null) return condition('mapping', title, { status: 'fail', measured: fault });
  const names = request.mapping.filter((name) => name !== null);
  const measured = message('import.rows.mapping.told', { names: named(names), left: request.mapping.length - names.length });
  return condition('mapping', title, { status: names.length < request.mapping.length ? 'warn' : 'pass', measured });
}

function fromCondition({ fromByte }: RowsRequest, { begins }: ScannedRows): readonly Precondition[] {
  return begins ? [] : [condition('from', message('import.from-byte'), { status: 'fail', measured: message('import.rows.from.none', { at: fromByte }) })];
}

function rowsCondition({ refused, refusedCount, unread }: ScannedRows, onError: RowsRequest['onError']): Precondition {
  const [title, [first]] = [message('import.rows.refused'), refused];
  if (unread !== null) {
    const { record, line, why } = unread;
    return condition('rows', title, {
      status: 'fail', measured: message('import.rows.unread', { record, line, why: whyParam(why), errno: 0 }),
      remedy: message('import.rows.unread.remedy', { why: whyParam(why) }),
    });
  }
  if (first === undefined) return condition('rows', title, { status: 'pass', measured: message('import.rows.refused.none') });
  const { record, line, column, why } = first;
  return condition('rows', title, {
    status: onError === 'collect' ? 'warn' : 'fail',
    measured: message('import.rows.refused.some', {
      count: refusedCount, record, line, column: column ?? '', has: column === null ? 'no' : 'yes', why: whyParam(why), errno: 0,
    }),
    remedy: message('import.rows.refused.remedy'),
  });
}

/** Nothing refuses such words in columns of text, or of bytes: they come in as what stands there. */
function wordCondition(which: 'null' | 'hex', { count, line }: ScannedRows['nullWords']): readonly Precondition[] {
  if (count === 0) return [];
  return [condition(`${which}-word`, message(`import.rows.${which}-word`), {
    status: 'warn', measured: message(`import.rows.${which}-word.some`, { count, line }), remedy: message(`import.rows.${which}-word.remedy`),
  })];
}

/** Columns whose fields are hexadecimal digits: of bytes, and filled from the file. */
function hexCondition(target: TargetTable, { mapping, hex = [] }: RowsRequest): readonly Precondition[] {
  if (hex.length === 0) return [];
  const others = hex.filter((name) => !mapping.includes(name) || !isOfBytes(typeIn(target, name)));
  return [condition('hex', message('import.rows.hex'), others.length === 0
    ? { status: 'pass', measured: message('import.rows.hex.told', { names: named(hex) }) }
    : { status: 'fail', measured: message('import.rows.hex.others', { names: named(others) }) })];
}

/** A TIMESTAMP is taken in the server's own time zone: the file does not say in which it is. */
function zoneCondition({ columns }: TargetTable, { mapping }: RowsRequest, zone: string): readonly Precondition[] {
  const moments = columns.filter(({ name, type }) => mapping.includes(name) && /^timestamp/i.test(type)).map(({ name }) => name);
  return moments.length === 0 ? []
    : [condition('zone', message('import.rows.zone'), { status: 'pass', measured: message('import.rows.zone.told', { names: named(moments), zone }) })];
}

function takenCondition({ keyed }: TargetTable, { mode }: RowsRequest): readonly Precondition[] {
  if (!keyed) return [];
  const title = message('import.rows.taken');
  if (mode === 'replace') return [condition(`${askedPrefix}replace`, title, { status: 'warn', measured: message('import.rows.taken.replace') })];
  const measured = message(mode === 'ignore' ? 'import.rows.taken.ignore' : 'import.rows.taken.insert');
  return [condition('taken', title, { status: 'pass', measured })];
}

function engineCondition({ transactional }: Reading): readonly Precondition[] {
  return transactional ? [] : [condition('engine', message('import.rows.engine'), { status: 'warn', measured: message('import.rows.engine.alone') })];
}

function triggerCondition({ triggers }: TargetTable): readonly Precondition[] {
  if (triggers === 0) return [];
  return [condition('triggers', message('import.rows.triggers'), { status: 'warn', measured: message('import.rows.triggers.told', { count: triggers }) })];
}
