import {
  describe, parameterSources, type Parameter, type ParameterSource, type ReadVariable,
} from '../../../shared/domain/operations/parameters/parameter';
import { nameOfToday } from '../../../shared/domain/sql/variable-names';
import { isRefusal } from '../../mysql/errors';
import { killedAtRest } from '../../mysql/session/killed-at-rest';
import type { Session } from '../../mysql/types';

interface Told {
  readonly source: ParameterSource | null;
  readonly file: string;
  readonly setBy: string | null;
  readonly setAt: string | null;
  readonly minimum: string | null;
  readonly maximum: string | null;
}

const untold: Told = { source: null, file: '', setBy: null, setAt: null, minimum: null, maximum: null };

/** Every global variable of a server with what it says of it, in the order of their names. */
export async function readParameters(session: Session): Promise<readonly Parameter[]> {
  const persists = session.dialect.features.hasSetPersist;
  const live = await session.query<{ Variable_name: string; Value: string }>('SHOW GLOBAL VARIABLES');
  const [told, kept, texts] = persists
    ? [await readInfo(session), await readPersisted(session), await readTexts(session)]
    : [new Map<string, Told>(), new Map<string, string>(), new Map<string, string>()];
  const names = new Set(live.map((row) => row.Variable_name));
  return live
    // From 8.0.26 on a server has old and new names for one thing: the new one stands for both.
    .filter(({ Variable_name: name }) => nameOfToday(name) === name || !names.has(nameOfToday(name)))
    .map(({ Variable_name: name, Value: value }): ReadVariable => ({
      name, value, persisted: kept.get(name) ?? null, ...(told.get(name) ?? untold), text: texts.get(name) ?? null,
    }))
    .map((read) => describe(session.version, persists, read))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

interface InfoRow {
  readonly name: string;
  readonly source: string;
  readonly path: string | null;
  readonly minimum: string | null;
  readonly maximum: string | null;
  readonly user: string | null;
  readonly host: string | null;
  readonly at: string | null;
}

const INFO = 'SELECT VARIABLE_NAME AS name, VARIABLE_SOURCE AS source, VARIABLE_PATH AS path, MIN_VALUE AS minimum, MAX_VALUE AS maximum, '
  + 'SET_USER AS user, SET_HOST AS host, CAST(SET_TIME AS CHAR) AS at FROM performance_schema.variables_info';

async function readInfo(session: Session): Promise<ReadonlyMap<string, Told>> {
  const rows = await unlessRefused(session.query<InfoRow>(INFO));
  return new Map(rows.map(({ name, source, path, minimum, maximum, user, host, at }) => [name, {
    source: sourceOf(source),
    file: path ?? '',
    setBy: user === null || user === '' ? null : `${user}@${host ?? ''}`,
    setAt: at,
    // Both are 0 where the variable is none that has bounds.
    ...(minimum === maximum ? { minimum: null, maximum: null } : { minimum: blank(minimum), maximum: blank(maximum) }),
  }]));
}

const blank = (text: string | null): string | null => (text === null || text === '' ? null : text);

function sourceOf(text: string): ParameterSource | null {
  const word = text.toLowerCase().replaceAll('_', '-');
  return parameterSources.find((one) => one === word) ?? null;
}

async function readPersisted(session: Session): Promise<ReadonlyMap<string, string>> {
  const rows = await unlessRefused(session.query<{ name: string; value: string }>(
    'SELECT VARIABLE_NAME AS name, VARIABLE_VALUE AS value FROM performance_schema.persisted_variables',
  ));
  return new Map(rows.map(({ name, value }) => [name, value]));
}

/** What a 9.x server says a variable is for; others have no such table. */
async function readTexts(session: Session): Promise<ReadonlyMap<string, string>> {
  const rows = await unlessRefused(session.query<{ name: string; text: string }>(
    'SELECT VARIABLE_NAME AS name, DOCUMENTATION AS text FROM performance_schema.variables_metadata',
  ));
  return new Map(rows.map(({ name, text }) => [name, text]));
}

/** How many sessions of clients have another value than the server has now, by variable (5.7+). */
export async function readOldSessions(session: Session, names: readonly string[]): Promise<readonly { name: string; count: number }[]> {
  if (names.length === 0) return [];
  const rows = await unlessRefused(session.query<{ name: string; count: number | string }>(
    'SELECT v.VARIABLE_NAME AS name, COUNT(*) AS count FROM performance_schema.variables_by_thread AS v '
    + 'JOIN performance_schema.threads AS t ON t.THREAD_ID = v.THREAD_ID JOIN performance_schema.global_variables AS g ON g.VARIABLE_NAME = v.VARIABLE_NAME '
    + "WHERE v.VARIABLE_NAME IN (?) AND v.VARIABLE_VALUE <> g.VARIABLE_VALUE AND t.TYPE = 'FOREGROUND' AND t.PROCESSLIST_ID <> CONNECTION_ID() "
    + `AND NOT ${killedAtRest('t.PROCESSLIST_ID')} `
    + 'GROUP BY v.VARIABLE_NAME ORDER BY v.VARIABLE_NAME',
    [[...names]],
  ));
  return rows.map(({ name, count }) => ({ name, count: Number(count) }));
}

/** A table that a version does not have, or that the login may not read, tells nothing; the rest is told all the same. */
async function unlessRefused<Row>(rows: Promise<Row[]>): Promise<Row[]> {
  try {
    return await rows;
  } catch (thrown) {
    if (isRefusal(thrown)) return [];
    throw thrown;
  }
}
