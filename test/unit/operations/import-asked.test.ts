// What a file reaches of what a server has, and what is asked about therefore.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { draftImport } from '../../../electron/operations/import/draft';
import { lookAt } from '../../../electron/operations/import/source';
import { MysqlError } from '../../../electron/mysql/errors';
import { fakeSession } from '../../fixtures/fake-session';

const folder = mkdtempSync(join(tmpdir(), 'antipode-asked-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Has {
  readonly tables?: readonly (readonly [name: string, type?: string, engine?: string])[];
  readonly programs?: readonly (readonly [kind: string, name: string])[];
  readonly libraries?: readonly string[] | null;
  readonly lower?: number;
}

async function drafted(sql: string, { tables = [], programs = [], libraries = [], lower = 0 }: Has = {}) {
  const path = join(folder, 'a.sql');
  writeFileSync(path, sql);
  const session = fakeSession('orders', (text) => {
    if (text.includes('sql_mode')) return [{ mode: '', characters: 'utf8mb4', packet: 100_000, lower }];
    if (text.includes('FROM information_schema.TABLES')) return tables.map(([name, type = 'BASE TABLE', engine = type === 'VIEW' ? null : 'InnoDB']) => ({ db: 'd', name, size: 10, count: 7, type, engine }));
    if (text.includes('information_schema.ROUTINES')) return programs.map(([kind, name]) => ({ kind, db: 'd', name }));
    if (text.includes('SCHEMATA')) return [{ name: 'd' }];
    if (text.includes('mysql.func')) {
      if (libraries === null) throw new MysqlError({ code: 'query-failed', params: { errno: 1142, sqlState: '42000' } }, 1142, '42000');
      return libraries.map((name) => ({ name }));
    }
    return [];
  }, '9.7.1');
  const request = { instanceId: 'i', path, database: 'd', onError: 'collect', fromByte: 0 } as const;
  const { draft } = await draftImport((use) => use(session), {
    id: 'p', request, name: 'orders', file: await lookAt(path), replicas: [], known: null, signal: undefined, clock: () => 0,
  });
  return draft;
}
async function asked(sql: string, has?: Has): Promise<readonly string[]> {
  const { plan } = await drafted(sql, has);
  const ids = plan.preconditions.filter(({ id }) => id.startsWith('asked-')).map(({ id }) => id.slice('asked-'.length));
  expect(plan.phrase).toBe(ids.length > 0 ? 'orders' : null);
  return ids;
}
const t: Has = { tables: [['t']] };

describe('what is asked about before a file is imported', () => {
  it.each([
    ['INSERT INTO t VALUES (1)', t, []], ['CREATE TABLE IF NOT EXISTS t (a INT)', t, []], ['CREATE TABLE t (a INT);INSERT INTO t VALUES (1)', {}, []],
    ['DROP TABLE IF EXISTS t;CREATE TABLE t (a INT)', {}, []], ['DROP TABLE IF EXISTS t;CREATE TABLE t (a INT)', t, ['loss']], ['DROP TABLE IF EXISTS T', t, []],
    ['ALTER TABLE t ADD PRIMARY KEY (a)', {}, []], ['ALTER TABLE t ADD PRIMARY KEY (a)', t, ['alters']], ['DROP INDEX i ON t', t, ['alters']], ['TRUNCATE t', t, ['loss']],
    ['CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW SET NEW.a = 1', t, ['alters']], ['CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW SET NEW.a = 1', {}, []],
    // Nothing is believed to be the file's own: after another name, any of them may be.
    ['CREATE TABLE x (a INT);DROP TABLE x', {}, []], ['CREATE TABLE x (a INT);DROP TABLE x', { tables: [['x']] }, ['loss']],
    ['RENAME TABLE t TO x;DROP TABLE x', t, ['loss', 'renames']], ['ALTER TABLE t RENAME TO x;DROP TABLE IF EXISTS x', t, ['loss', 'renames', 'alters']],
    ['CREATE TABLE x (a INT);ALTER TABLE t EXCHANGE PARTITION p WITH TABLE x;DROP TABLE x', t, ['loss', 'renames', 'alters']],
    ['INSERT INTO v VALUES (1)', { tables: [['v', 'VIEW']] }, ['elsewhere']], ['INSERT INTO m VALUES (1)', { tables: [['m', 'BASE TABLE', 'MRG_MYISAM']] }, ['elsewhere']],
    ['INSERT INTO f VALUES (1)', { tables: [['f', 'BASE TABLE', 'FEDERATED']] }, ['elsewhere']], ['CREATE VIEW v AS SELECT a FROM t;INSERT INTO v VALUES (1)', t, ['elsewhere']],
    ['CREATE TABLE m (a INT) UNION=(t);INSERT INTO m VALUES (1)', t, ['elsewhere']], ['CREATE OR REPLACE VIEW v AS SELECT 1', { tables: [['v', 'VIEW']] }, ['loss']],
    ['DROP PROCEDURE IF EXISTS P', { programs: [['PROCEDURE', 'p']] }, ['programs']], ['DROP PROCEDURE IF EXISTS p', { programs: [['FUNCTION', 'p']] }, []],
    ['DROP FUNCTION IF EXISTS f', { libraries: ['F'] }, ['programs']], ['DROP FUNCTION IF EXISTS f', { libraries: null }, ['programs']], ['DROP FUNCTION IF EXISTS f', {}, []],
    ['DROP TABLE IF EXISTS `É`', { lower: 1 }, ['loss']], ['DROP TABLE IF EXISTS `É`', {}, []], ['DROP PROCEDURE IF EXISTS `É`', {}, ['programs']],
    ['REPLACE INTO t VALUES (1);UPDATE t SET a = 1;DELETE FROM t WHERE a = 1', t, ['every-row', 'some-rows', 'replaces']],
  ] as const)('%s, where the server has %j: %j', async (sql, has, expected) => expect(await asked(sql, has)).toEqual(expected));

  it('tells of a database that goes what is in it, the worst first, and of each where it stands and what of the server\'s it reaches', async () => {
    const { plan } = await drafted('UPDATE t SET a = 1 WHERE b = 2;\n\nDROP DATABASE d;\nUPDATE t SET a = 1 WHERE b = 3', {
      tables: [['t'], ['v', 'VIEW']], programs: [['PROCEDURE', 'p'], ['FUNCTION', 'f'], ['TRIGGER', 'g'], ['EVENT', 'e']],
    });
    const told = plan.preconditions.filter(({ id }) => id.startsWith('asked-')).map(({ id, measured }) => [id, measured.params]);
    expect(told).toMatchObject([
      ['asked-database-d', { tables: 1, views: 1, routines: 2, triggers: 1, events: 1, line: 3 }], ['asked-loss', { count: 2, rows: 14, line: 3 }],
      ['asked-some-rows', { count: 2, line: 1, names: 'd.t', rows: 7 }],
    ]);
  });

  it('binds the word to the file and to what the server has', async () => {
    const basis = async (sql: string, has?: Has): Promise<string> => (await drafted(sql, has)).basis;
    const [one, two] = [await basis('DROP TABLE IF EXISTS t;', t), await basis('DROP TABLE IF EXISTS t;')];
    expect(one).not.toBe(two);
    const hash = (text: string): unknown => /[0-9a-f]{64}/.exec(text)?.[0];
    expect(hash(await basis('DROP TABLE IF EXISTS t ', t))).not.toBe(hash(one));
  });

  it('refuses what names within a database that the file does not go into, where it goes into those that it names', async () => {
    const path = join(folder, 'b.sql');
    const refused = async (text: string): Promise<unknown> => {
      writeFileSync(path, text);
      const session = fakeSession('orders', (sql) => (sql.includes('sql_mode') ? [{ mode: '', characters: 'utf8mb4', packet: 100_000, lower: 0 }] : []), '9.7.1');
      const request = { instanceId: 'i', path, database: null, onError: 'stop', fromByte: 0 } as const;
      const { draft } = await draftImport((use) => use(session), {
        id: 'p', request, name: 'orders', file: await lookAt(path), replicas: [], known: null, signal: undefined, clock: () => 0,
      });
      return draft.plan.scan.refused.map(({ line, why }) => [line, why]);
    };
    expect(await refused('USE a;\nCREATE VIEW v AS SELECT * FROM b.t;\n')).toEqual([[2, 'outside']]);
    expect(await refused('USE a;\nCREATE VIEW v AS SELECT * FROM b.t;\nUSE b;\nCREATE TABLE t (a INT);\n')).toEqual([]);
  });
});
