import { basename } from 'node:path';
import type { FileScan, ImportFile, ImportPlan, ImportRequest } from '../../../shared/domain/operations/import/plan';
import { folding } from '../../../shared/domain/checks/coverage';
import type { ObjectName } from '../../../shared/domain/operations/import/verdict';
import type { Precondition } from '../../../shared/domain/tasks/plan';
import { message } from '../../../shared/i18n/message';
import { absentAccounts } from '../../mysql/accounts/absent';
import type { Session } from '../../mysql/types';
import { planLifeMs } from '../../tasks/plan-drafts';
import { versionNumber } from '../sql/draft';
import { askedConditions, askedPrefix, named, nameOf } from './asked';
import type { ImportInput } from './input';
import { inTheWayOf, presentOf, reachingOf } from './present';
import { shortOfRows } from '../../../shared/domain/operations/import/folder';
import { harmsOver, nameKey, scanFile, type ScannedFile } from './scan';
import { folderConditions } from './folder-conditions';
import type { ReadOptions } from './statements';

export interface ImportDraft {
  readonly plan: ImportPlan;
  readonly request: ImportRequest;
  /** What the plan stands on: the file, and how the server reads it. */
  readonly basis: string;
  readonly input: ImportInput;
}

/** A file that was read whole already, for these options. */
export interface KnownScan {
  readonly key: string;
  readonly scan: ScannedFile;
}

interface DraftCase {
  readonly id: string;
  readonly request: ImportRequest;
  readonly name: string;
  readonly file: ImportFile;
  readonly replicas: readonly string[];
  /** Milliseconds since the epoch; asked once the file was read, which may take longer than a plan lives. */
  readonly clock: () => number;
  readonly known: KnownScan | null;
  readonly signal: AbortSignal | undefined;
}

/** How a session of the user's takes the statements of a file. */
export async function readOptionsOf(session: Session, target: string | null, start: ImportRequest['characters']): Promise<ReadOptions> {
  const [row] = await session.query<{ mode: string; characters: string; packet: number | string; lower: number | string }>(
    'SELECT @@SESSION.sql_mode AS mode, @@GLOBAL.character_set_client AS characters, '
    + '@@max_allowed_packet AS packet, @@GLOBAL.lower_case_table_names AS lower');
  const number = versionNumber(session.version);
  return {
    target, start, mode: row?.mode ?? '', characters: row?.characters ?? '', version: session.version, longest: Number(row?.packet ?? 0) - 1,
    lowerCase: row === undefined ? null : Number(row.lower),
    reading: { executes: (version) => version <= number, digits: session.version.major < 8 ? 5 : 6 },
  };
}

/** A session of the user's for a while. */
type WithSession = <Result>(use: (session: Session) => Promise<Result>) => Promise<Result>;

/** Reads the whole file and what the server has of what it names, and plans; changes nothing. */
export async function draftImport(withSession: WithSession, one: DraftCase): Promise<{ readonly draft: ImportDraft; readonly known: KnownScan }> {
  const { request, file } = one;
  const options = await withSession((session) => readOptionsOf(session, request.database, request.characters));
  const { target, start = null, mode, characters, longest, version } = options;
  const key = JSON.stringify([file, request.fromByte, target, start, mode, characters, longest, version.raw]);
  const scan = one.known?.key === key ? one.known.scan : await scanFile(file, options, request.fromByte, one.signal);
  // A file may be read for longer than a server keeps a session that is idle.
  const draft = await withSession((session) => draftOf(session, one, scan, options, key));
  return { draft, known: { key, scan } };
}

async function draftOf(session: Session, one: DraftCase, scan: ScannedFile, options: ReadOptions, key: string): Promise<ImportDraft> {
  const { id, request, name, file, replicas, clock } = one;
  const fold = folding(options.lowerCase);
  const present = await presentOf(session, scan, fold);
  const reaching = reachingOf(scan, present, options.lowerCase);
  const { lost } = reaching;
  const inTheWay = inTheWayOf(scan, present);
  const harms = harmsOver(scan, inTheWay);
  const short = file.folder === undefined || request.fromByte > 0 ? [] : shortOfRows(file.folder, scan.counted);
  const preconditions = [
    fileCondition(file, scan), ...foreignCondition(scan),
    ...(file.folder === undefined ? completeCondition(scan) : folderConditions(file.folder, short)), statementsCondition(scan),
    targetCondition(request.database, scan, request.database !== null && present.databases.includes(fold(request.database))),
    takenCondition(inTheWay, request.onError), ...leftOutCondition(scan), ...askedConditions({ ...scan, harms }, reaching, present),
    ...(await definersCondition(session, scan)), replicasCondition(replicas),
  ];
  const { reached: _reached, creates: _creates, passing: _passing, counted: _counted, overMade: _overMade, partBytes, remade, ...told } = scan;
  const { parts, ...whole } = file;
  const shownFile = whole.folder === undefined ? whole : { ...whole, folder: { ...whole.folder, rows: [] } };
  const isAsked = preconditions.some(({ id }) => id.startsWith(askedPrefix));
  const now = clock();
  const plan: ImportPlan = {
    id, kind: 'import', createdAt: now, expiresAt: now + planLifeMs, preconditions, warnings: [], phrase: isAsked ? name : null,
    steps: [{ id: 'import', title: message('import.step.run', { file: basename(file.path) }), sql: [], pointOfNoReturn: false, undoable: false }],
    instanceId: request.instanceId, name, file: shownFile, database: request.database, onError: request.onError, fromByte: request.fromByte,
    scan: { ...told, harms }, lost, replicas,
  };
  const input: ImportInput = {
    instanceId: request.instanceId, name, importId: id, database: request.database, onError: request.onError, fromByte: request.fromByte,
    characters: request.characters,
    file: parts === undefined ? file : { ...file, parts: parts.map((part, at) => ({ ...part, bytes: partBytes[at] ?? 0 })) },
    statements: scan.statements, confirmed: reaching.drops.map(nameKey), remade: [...remade],
  };
  // The word is for this file, read so, and for what the server has of that which it reaches.
  const basis = JSON.stringify([key, scan.hash, reaching.databases, reaching.drops, reaching.altered, reaching.elsewhere, harms, inTheWay,
    lost.map(({ database, table }) => [database, table]), preconditions.filter(({ status }) => status === 'fail').map((condition) => condition.id)]);
  return { plan, request, basis, input };
}

function completeCondition({ complete }: FileScan): readonly Precondition[] {
  return complete ? [] : [{
    id: 'complete', title: message('import.precondition.complete'), sql: '', status: 'warn', measured: message('import.precondition.complete.cut'),
    remedy: message('import.precondition.complete.remedy'),
  }];
}

function fileCondition({ size, format, folder }: ImportFile, { statements, rowStatements, plainBytes }: FileScan): Precondition {
  return {
    id: 'file', title: message('import.precondition.file'), sql: '', status: statements > 0 ? 'pass' : 'fail',
    measured: message('import.precondition.file.read', {
      format, size, plain: plainBytes, statements, rows: rowStatements, files: folder?.files ?? 1,
    }),
    remedy: null,
  };
}

/** Read as UTF-8 it would be other characters, or an end of a text where there is none. */
function foreignCondition({ foreign }: FileScan): readonly Precondition[] {
  return foreign === null ? [] : [{
    id: 'characters', title: message('import.precondition.characters'), sql: '', status: 'fail',
    measured: message('import.precondition.characters.foreign', foreign),
    remedy: message('import.precondition.characters.remedy'),
  }];
}

function statementsCondition({ refused, refusedCount }: FileScan): Precondition {
  const [first] = refused;
  const why = first?.why.replaceAll('-', '') ?? '';
  return {
    id: 'statements', title: message('import.precondition.statements'), sql: '', status: first === undefined ? 'pass' : 'fail',
    measured: first === undefined ? message('import.precondition.statements.none') : message('import.precondition.statements.refused', {
      count: refusedCount, line: first.line, why, statement: first.statement,
    }),
    remedy: first === undefined ? null : message('import.precondition.statements.remedy', { why }),
  };
}

function targetCondition(target: string | null, { databases, otherDatabases }: FileScan, isThere: boolean): Precondition {
  const condition = { id: 'target', title: message('import.precondition.target'), sql: 'SHOW DATABASES' };
  if (target === null) {
    return { ...condition, status: 'pass', measured: message('import.precondition.target.named', { databases: named(databases) }), remedy: null };
  }
  if (otherDatabases.length > 1) {
    const measured = message('import.precondition.target.several', { database: target, databases: named(otherDatabases) });
    return { ...condition, status: 'fail', measured, remedy: message('import.precondition.target.several.remedy') };
  }
  if (!isThere) {
    const measured = message('import.precondition.target.missing', { database: target });
    return { ...condition, status: 'fail', measured, remedy: message('import.precondition.target.missing.remedy', { database: target }) };
  }
  const [other] = otherDatabases;
  return other === undefined ? { ...condition, status: 'pass', measured: message('import.precondition.target.one', { database: target }), remedy: null }
    : { ...condition, status: 'warn', measured: message('import.precondition.target.other', { database: target, other }), remedy: null };
}

function takenCondition(inTheWay: readonly ObjectName[], onError: ImportRequest['onError']): Precondition {
  return {
    id: 'names', title: message('import.precondition.names'), sql: 'SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES',
    status: inTheWay.length === 0 ? 'pass' : onError === 'collect' ? 'warn' : 'fail',
    measured: inTheWay.length === 0 ? message('import.precondition.names.free')
      : message('import.precondition.names.taken', { count: inTheWay.length, names: named(inTheWay.map(nameOf)) }),
    remedy: inTheWay.length === 0 ? null : message('import.precondition.names.remedy'),
  };
}

/** One line for each reason: what is not sent is said. */
function leftOutCondition({ leftOut }: FileScan): readonly Precondition[] {
  return leftOut.map(({ why, count, line, statement }) => ({
    id: `left-out-${why}`, title: message(`import.leftOut.${why}`), sql: '', status: why === 'locks' || why === 'transaction' ? 'pass' : 'warn',
    measured: message('import.precondition.leftOut', { count, line, statement }), remedy: null,
  }));
}

/** Accounts in whose names programs would run and that are not there. */
async function definersCondition(session: Session, { definers }: FileScan): Promise<readonly Precondition[]> {
  const missing = await absentAccounts(session, definers);
  if (missing?.length === 0) return [];
  const condition = { id: 'definers', title: message('import.precondition.definers'), sql: 'SELECT User, Host FROM mysql.user', status: 'warn' } as const;
  if (missing === null) return [{ ...condition, measured: message('import.precondition.definers.unknown', { accounts: named(definers) }), remedy: null }];
  const measured = message('import.precondition.definers.missing', { count: missing.length, accounts: named(missing) });
  return [{ ...condition, measured, remedy: message('import.precondition.definers.remedy') }];
}

/** Who gets by replication what is imported. */
export function replicasCondition(replicas: readonly string[]): Precondition {
  return {
    id: 'replicas', title: message('import.precondition.replicas'), sql: '', status: 'pass', remedy: null,
    measured: replicas.length === 0 ? message('import.precondition.replicas.none')
      : message('import.precondition.replicas.get', { count: replicas.length, names: named(replicas) }),
  };
}
