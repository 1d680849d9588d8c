import { missingRights } from '../../../shared/domain/accounts/rights';
import { alongWith, componentsOf, type Changes, type Component } from '../../../shared/domain/operations/charset/components';
import { conversionOf, estimatedSeconds, type TableConversion } from '../../../shared/domain/operations/charset/convert';
import { sameTable, tableText, type CharsetTarget, type TableFacts, type TableName } from '../../../shared/domain/operations/charset/facts';
import { wantedCollation } from '../../../shared/domain/operations/charset/limits';
import type { SuspiciousText } from '../../../shared/domain/operations/charset/other-reading';
import { strangeCollationIn } from '../../../shared/domain/operations/charset/expressions';
import type { CharsetPlan, CharsetRequest, PlannedTable, TableNotice, TableProblem } from '../../../shared/domain/operations/charset/plan';
import { preconditionsOf, type CharsetSet } from '../../../shared/domain/operations/charset/preconditions';
import { oneCharsetName } from '../../../shared/domain/sql/charset-name';
import type { PlannedStep, PlannedSql } from '../../../shared/domain/tasks/plan';
import { failure } from '../../../shared/errors/codes';
import { message } from '../../../shared/i18n/message';
import { readGrants } from '../../mysql/accounts/privileges';
import { setDatabaseDefault } from '../../mysql/default-collation';
import { quoteTable } from '../../mysql/quote';
import { plain } from '../../mysql/statement';
import type { Session, Statement } from '../../mysql/types';
import { planLifeMs } from '../../tasks/plan-drafts';
import { readServerDefault, serverBack, serverStatements } from './defaults';
import type { CharsetInput, TableInput } from './input';
import {
  programsOf, readCharsets, readDatabases, readForeignKeys, readLimits, readTable, readTableNames, readTextColumns, targetOf,
} from './read';
import { lookForOtherReadings, scanTable } from './scan';
import { readViews } from './views';

export interface CharsetDraft {
  readonly plan: CharsetPlan;
  readonly request: CharsetRequest;
  readonly basis: string;
  readonly input: CharsetInput;
}

interface DraftCase {
  readonly id: string;
  readonly request: CharsetRequest;
  readonly name: string;
  readonly replicas: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly signal: AbortSignal | undefined;
}

interface TableDraft {
  readonly facts: TableFacts;
  readonly conversion: TableConversion;
  readonly along: boolean;
  readonly problems: readonly TableProblem[];
  readonly notices: readonly TableNotice[];
  readonly suspicious: readonly SuspiciousText[];
}

export const tableStatement = ({ database, table }: TableName, change: string): Statement => plain(`ALTER TABLE ${quoteTable(database, table)} ${change}`);

/** Reads a server, its definitions and its rows, and plans; changes nothing. */
export async function draftCharset(session: Session, { id, request, name, replicas, now, signal }: DraftCase): Promise<CharsetDraft> {
  const target = targetOf(await readCharsets(session), request.charset, request.collation);
  const server = await readServerDefault(session);
  const isServer = request.server && oneCharsetName(server.collation) !== oneCharsetName(target.collation);
  const databases = request.databases ? await databasesIn(session, request, target) : [];
  const { components, drafts } = request.tables ? await draftTables(session, request, target, signal) : { components: [], drafts: [] };
  const programs = await Promise.all(databases.map(({ database }) => programsOf(session, database)));
  const input: CharsetInput = {
    instanceId: request.instanceId, name, charset: target.charset, collation: target.collation,
    server: isServer ? server : null, databases,
    components: components.map(({ bound, tables }) => ({
      bound: bound || tables.some((one) => rereads(draftOf(drafts, one))), tables: tables.map((one) => tableInput(draftOf(drafts, one), target)),
    })),
  };
  const names = drafts.map(({ facts }) => facts);
  const set: CharsetSet = {
    server: isServer, databases: databases.map(({ database }) => database), programs: programs.reduce((sum, count) => sum + count, 0), replicas,
    tables: drafts.map((one) => ({ ...planned(one), facts: one.facts, conversion: one.conversion, notices: one.notices })),
    views: drafts.length === 0 ? [] : (await readViews(session)).flatMap((one) => {
      const collation = strangeCollationIn(one, names, target.charset);
      return collation === null ? [] : [`${one.database}.${one.view} (${collation})`];
    }),
    components, suspicious: drafts.flatMap(({ suspicious }) => suspicious), missing: isServer ? await missingForServer(session) : [],
  };
  const preconditions = preconditionsOf(set);
  return {
    request, input,
    basis: JSON.stringify([drafts.map(({ facts, conversion }) => [tableText(facts), conversion.changes, conversion.back]), isServer, databases,
      preconditions.filter(({ status }) => status === 'fail').map((one) => one.id)]),
    plan: {
      id, kind: 'charset', createdAt: now, expiresAt: now + planLifeMs, instanceId: request.instanceId, name, charset: target.charset,
        collation: target.collation,
      preconditions, steps: stepsOf(session, input), warnings: [], phrase: drafts.length === 0 ? null : name,
      components: components.map(({ bound, tables }) => ({ bound, tables: tables.map((one) => planned(draftOf(drafts, one))) })),
      suspicious: set.suspicious, optionLines: isServer ? serverStatements(session, target.charset, target.collation).lines : [],
      undoSql: undoOf(session, input),
      seconds: drafts.reduce((sum, { facts, conversion }) => sum + estimatedSeconds(facts, conversion), 0),
      bytes: drafts.reduce((sum, { facts }) => sum + facts.bytes, 0),
    },
  };
}

async function missingForServer(session: Session): Promise<readonly string[]> {
  return missingRights(await readGrants(session), session.dialect.privilegesFor('set-variables'));
}

const inScope = ({ scope }: CharsetRequest, { database, table }: TableName): boolean => scope.kind === 'instance'
  || scope.databases.some((one) => one.database === database && (one.tables === null || one.tables.includes(table)));

/** Databases of which all is chosen and whose default is another one. */
async function databasesIn(session: Session, { scope }: CharsetRequest, target: CharsetTarget): Promise<CharsetInput['databases']> {
  const all = await readDatabases(session);
  return all
    .filter(({ database }) => scope.kind === 'instance' || scope.databases.some((one) => one.database === database && one.tables === null))
    .filter(({ collation }) => oneCharsetName(collation) !== oneCharsetName(target.collation))
    .map(({ database, collation }) => ({ database, collation }));
}

async function draftTables(
  session: Session, request: CharsetRequest, target: CharsetTarget, signal: AbortSignal | undefined,
): Promise<{ readonly components: readonly Component[]; readonly drafts: readonly TableDraft[] }> {
  const texts = await readTextColumns(session);
  const byTable = new Map(texts.map((one) => [JSON.stringify([one.database, one.table, one.column]), one]));
  const changes: Changes = ({ database, table }, column) => {
    const found = byTable.get(JSON.stringify([database, table, column]));
    return found !== undefined && found.charset !== 'binary' && oneCharsetName(found.collation) !== oneCharsetName(wantedCollation(found, target));
  };
  const keys = await readForeignKeys(session);
  const chosen = (await readTableNames(session)).filter((one) => inScope(request, one));
  const along = alongWith(chosen, keys, changes);
  const limits = await readLimits(session);
  const drafts: TableDraft[] = [];
  for (const one of [...chosen, ...along]) {
    signal?.throwIfAborted();
    const facts = await readTable(session, one);
    const reread = request.reread.filter((column) => sameTable(column, one)).map(({ column }) => column);
    const conversion = conversionOf(facts, target, limits, reread);
    if (conversion === null) continue;
    // What the definition forbids is not looked for in the rows too.
    const { problems: data, notices } = conversion.problems.length > 0 ? { problems: [], notices: [] }
      : await scanTable(session, facts, conversion, target, signal);
    const suspicious = (await lookForOtherReadings(session, facts, conversion, target, signal)).filter(({ column }) => !reread.includes(column));
    drafts.push({ facts, conversion, along: along.includes(one), problems: [...conversion.problems, ...data], notices, suspicious });
  }
  refuseUnread(request, drafts);
  return { components: componentsOf(drafts.map(({ facts: { database, table } }) => ({ database, table })), keys, changes), drafts };
}

/** A column that was to be read anew and is not would be converted as it stands, and keep what is wrong with it. */
function refuseUnread({ reread }: CharsetRequest, drafts: readonly TableDraft[]): void {
  const left = reread.find((one) => !drafts.some(({ facts, conversion }) => sameTable(facts, one)
    && conversion.columns.some((column) => column.reread && column.name === one.column)));
  if (left !== undefined) throw failure('invalid-input', { field: 'reread', reason: `${tableText(left)}.${left.column}` });
}

function draftOf(drafts: readonly TableDraft[], table: TableName): TableDraft {
  return drafts.find(({ facts }) => sameTable(facts, table)) as TableDraft;
}

function planned({ facts, conversion, along, problems }: Pick<TableDraft, 'facts' | 'conversion' | 'along' | 'problems'>): PlannedTable {
  const { database, table, rows, bytes } = facts;
  return {
    database, table, rows, bytes, along, problems, algorithm: conversion.algorithm, columns: conversion.columns.length,
      seconds: estimatedSeconds(facts, conversion),
  };
}

/** Its texts are bytes for a moment: nobody may see it then. */
const rereads = ({ conversion }: TableDraft): boolean => conversion.columns.some(({ reread }) => reread);

function tableInput({ facts, conversion }: TableDraft, target: CharsetTarget): TableInput {
  return {
    database: facts.database, table: facts.table, bytes: facts.bytes, changes: [...conversion.changes], back: [...conversion.back], collation: target.collation,
    columns: conversion.columns.map(({ name, from, to, reread }) => ({ name, from, to, reread, line: lineOf(facts, name) })),
  };
}

/** The steps of a task, as its plan shows them: defaults first, then table by table. */
export function stepsOf(session: Pick<Session, 'dialect'>, { name, charset, collation, server, databases, components }: CharsetInput): readonly PlannedStep[] {
  const on = (statements: readonly Statement[]): readonly PlannedSql[] => statements.map(({ redacted }) => ({ server: name, sql: redacted }));
  const step = (id: string, title: PlannedStep['title'], statements: readonly Statement[], undoable: boolean): PlannedStep => ({
    id, title, sql: on(statements), undoable, pointOfNoReturn: false,
  });
  return [
    ...(server === null ? [] : [step('server', message('charset.step.server', { collation }), serverStatements(session, charset, collation).statements, true)]),
    ...databases.map(({ database }, at) => step(`database-${at}`, message('charset.step.database', { database, collation }),
      [setDatabaseDefault(database, collation)], true)),
    ...components.map(({ tables, bound }, at) => step(`tables-${at}`, titleOf(tables, bound), [
      ...(bound ? [lockStatement(tables)] : []), ...tables.flatMap((one) => one.changes.map((change) => tableStatement(one, change))),
        ...(bound ? [plain('UNLOCK TABLES')] : []),
    ], bound)),
  ];
}

/** A column as SHOW CREATE TABLE prints it. */
export const lineOf = ({ columns }: Pick<TableFacts, 'columns'>, name: string): string => columns.find((one) => one.name === name)?.line ?? '';

export const lockStatement = (tables: readonly TableName[]): Statement =>
  plain(`LOCK TABLES ${tables.map(({ database, table }) => `${quoteTable(database, table)} WRITE`).join(', ')}`);

function titleOf(tables: readonly TableName[], bound: boolean): PlannedStep['title'] {
  const [first] = tables;
  const table = first === undefined ? '' : tableText(first);
  return tables.length === 1 ? message('charset.step.table', { table }) : message(bound ? 'charset.step.bound' : 'charset.step.tables',
    { table, more: tables.length - 1 });
}

function undoOf(session: Pick<Session, 'dialect'>, { name, server, databases, components }: CharsetInput): readonly PlannedSql[] {
  const statements = [
    ...(server === null ? [] : serverBack(session, server, { running: true, kept: true })),
    ...databases.map(({ database, collation }) => setDatabaseDefault(database, collation)),
    ...components.flatMap(({ tables }) => tables.flatMap((one) => one.back.map((change) => tableStatement(one, change)))),
  ];
  return statements.map(({ redacted }) => ({ server: name, sql: redacted }));
}
