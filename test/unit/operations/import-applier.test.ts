// The statements of a file in one session: what is committed with them, and what is known of them after a session was lost.
import { describe, expect, it } from 'vitest';
import { Applier, isPassedOver, LossCount, Refused, TransactionLost, Unclear } from '../../../electron/operations/import/applier';
import type { FileStatement } from '../../../electron/operations/import/statements';
import { MysqlError } from '../../../electron/mysql/errors';
import type { LiveSession } from '../../../electron/mysql/types';
import type { ImportErrorWay } from '../../../shared/domain/operations/import/plan';
import type { Sent } from '../../../shared/domain/operations/import/verdict';
import { fakeSession } from '../../fixtures/fake-session';

const table = { database: 'd', table: 't' };
const base: Sent = {
  act: 'send', kind: 'rows', again: 'other', object: table, touches: [table], reach: null, makes: null, creates: null, passes: false, within: [], definer: null, instead: null, harm: null,
};
const definition = (again: Sent['again']): Sent => ({ ...base, kind: 'definition', again });
const setting: Sent = { ...base, kind: 'setting', object: null };

let place = 0;
function statement(text: string, verdict: Sent): { readonly one: FileStatement; readonly verdict: Sent } {
  place += 100;
  return { one: { text, verdict, at: place, end: place + text.length, line: place / 100, stored: 0 }, verdict };
}

interface Server {
  readonly engine?: string;
  readonly triggers?: number;
  /** Whether there are tables without transactions. */
  readonly others?: boolean;
  /** Error number of a statement; 0: none. */
  readonly errno?: (sql: string) => number;
  /** Whether a transaction is open behind an error. */
  readonly open?: boolean;
}

function applierOf({ engine = 'InnoDB', errno = () => 0, open = true, triggers = 0, others = false }: Server, doubtUpTo = -1, way: ImportErrorWay = 'stop'): { readonly applier: Applier; readonly sent: string[] } {
  const sent: string[] = [];
  const session = fakeSession('orders', (sql) => {
    if (sql.startsWith('SELECT ENGINE')) return [{ engine, triggers }];
    if (sql.includes('information_schema.TABLES')) return others ? [{}] : [];
    sent.push(sql.startsWith('REPLACE INTO antipode.imports') ? `mark ${/'\), |', (\d+)/.exec(sql)?.[1] ?? ''}` : sql);
    const number = errno(sql);
    if (number !== 0) throw new MysqlError({ code: 'query-failed', params: { errno: number, sqlState: 'HY000' } }, number, 'HY000');
    return [];
  });
  const stream: LiveSession['stream'] = async function* <Row>() {
    await Promise.resolve();
    yield { affectedRows: 0, insertId: 0, info: '', serverStatus: open ? 1 : 2, warningStatus: 0 } as Row;
  };
  const live: LiveSession = {
    ...session, stream, closed: false, client: null, idle: true, onClose: () => undefined, ping: () => Promise.resolve(), end: () => Promise.resolve(),
    lend: () => Promise.reject(new Error('not here')),
  };
  const from = { at: 0, line: 1, statements: 0, rows: 0 };
  return { applier: new Applier(live, '0f372d77-7337-4b47-967c-f17e076393dc', from, new AbortController().signal, doubtUpTo, way), sent };
}

describe('statements of a file in a session', () => {
  it('rows are committed together with how far they reach; definitions by themselves, with a mark behind those that differ when they are run again', async () => {
    const { applier, sent } = applierOf({});
    const all = [
      statement('DROP', definition('same')), statement('CREATE', definition('told')), statement('INSERT 1', base), statement('INSERT 2', base), statement('SET', setting),
      statement('INSERT 3', base),
    ];
    for (const { one, verdict } of all) await applier.apply(one, verdict);
    const ends = all.map(({ one }) => one.end);
    await applier.finish();
    expect(sent).toEqual([
      'DROP', 'CREATE', 'START TRANSACTION', `mark ${ends[1] ?? ''}`, 'COMMIT', 'START TRANSACTION', 'INSERT 1', 'INSERT 2', `mark ${ends[3] ?? ''}`, 'COMMIT', 'SET', 'START TRANSACTION',
      'INSERT 3', `mark ${ends[5] ?? ''}`, 'COMMIT',
    ]);
    expect(applier.committed).toMatchObject({ at: ends[5], statements: 6 });
  });

  it('a refusal leaves what is before it committed, and nothing of it', async () => {
    const { applier, sent } = applierOf({ errno: (sql) => (sql === 'BAD' ? 1062 : 0) });
    const [good, bad] = [statement('GOOD', base), statement('BAD', base)];
    await applier.apply(good.one, good.verdict);
    await expect(applier.apply(bad.one, bad.verdict)).rejects.toBeInstanceOf(Refused);
    expect(sent.slice(-3)).toEqual(['BAD', `mark ${String(good.one.end)}`, 'COMMIT']);
    expect(applier.committed.at).toBe(good.one.end);
    // Gone on with, it is passed.
    applier.passed(bad.one);
    await applier.finish();
    expect(applier.committed.at).toBe(bad.one.end);
  });

  it('a transaction that the server took back is told, and no mark is written of it', async () => {
    const { applier, sent } = applierOf({ errno: (sql) => (sql === 'BAD' ? 1213 : 0), open: false });
    const [good, bad] = [statement('GOOD', base), statement('BAD', base)];
    await applier.apply(good.one, good.verdict);
    await expect(applier.apply(bad.one, bad.verdict)).rejects.toBeInstanceOf(TransactionLost);
    expect(sent).toEqual(['START TRANSACTION', 'GOOD', 'BAD']);
    expect(applier.committed.at).toBe(0);
  });

  it('after a lost session: what tells by its refusal that it was done is passed, and where nothing tells it is said', async () => {
    const exists = { errno: (sql: string) => (sql === 'CREATE' ? 1050 : 0) };
    const create = statement('CREATE', definition('told'));
    const doubtful = applierOf(exists, Infinity);
    await doubtful.applier.apply(create.one, create.verdict);
    expect(doubtful.applier.committed.at).toBe(create.one.end);
    // Only the one that was in doubt: behind it the server's word is what it says.
    const second = statement('CREATE', definition('told'));
    await expect(doubtful.applier.apply(second.one, second.verdict)).rejects.toBeInstanceOf(Refused);
    await expect(applierOf(exists, create.one.at - 1).applier.apply(create.one, create.verdict)).rejects.toBeInstanceOf(Refused);
    const alter = statement('ALTER', definition('other'));
    const unclear = applierOf({}, Infinity);
    await expect(unclear.applier.apply(alter.one, alter.verdict)).rejects.toBeInstanceOf(Unclear);
    expect(unclear.sent).toEqual([]);
  });

  it('rows of a table without transactions are committed one by one, and are unclear after a lost session', async () => {
    const insert = statement('INSERT', base);
    const { applier, sent } = applierOf({ engine: 'MyISAM' });
    await applier.apply(insert.one, insert.verdict);
    expect(sent).toEqual(['INSERT', 'START TRANSACTION', `mark ${String(insert.one.end)}`, 'COMMIT']);
    await expect(applierOf({ engine: 'MyISAM' }, Infinity).applier.apply(insert.one, insert.verdict)).rejects.toBeInstanceOf(Unclear);
  });

  it('rows whose triggers may write into a table without transactions are committed one by one, and are unclear after a lost session', async () => {
    const insert = statement('INSERT', base);
    const { applier, sent } = applierOf({ triggers: 1, others: true });
    await applier.apply(insert.one, insert.verdict);
    expect(sent).toEqual(['INSERT', 'START TRANSACTION', `mark ${String(insert.one.end)}`, 'COMMIT']);
    await expect(applierOf({ triggers: 1, others: true }, Infinity).applier.apply(insert.one, insert.verdict)).rejects.toBeInstanceOf(Unclear);
    const plain = applierOf({ triggers: 1 });
    await plain.applier.apply(insert.one, insert.verdict);
    expect(plain.sent).toEqual(['START TRANSACTION', 'INSERT']);
  });

  it('where it goes on after refusals, what is there already after a lost session may have been there all along: it is said', async () => {
    const create = statement('CREATE', definition('told'));
    const { applier } = applierOf({ errno: (sql) => (sql === 'CREATE' ? 1050 : 0) }, Infinity, 'collect');
    await expect(applier.apply(create.one, create.verdict)).rejects.toBeInstanceOf(Unclear);
  });

  it('goes on after what is said of a statement, and never after what is said of the server', () => {
    const { one } = statement('BAD', base);
    const use: FileStatement = { ...one, verdict: setting };
    expect(isPassedOver('collect', new Refused(use, new MysqlError({ code: 'query-failed', params: { errno: 1049, sqlState: '42000' } }, 1049, '42000')))).toBe(false);
    const refused = (errno: number): Refused => new Refused(one, new MysqlError({ code: 'query-failed', params: { errno, sqlState: 'HY000' } }, errno, 'HY000'));
    for (const errno of [1062, 1146, 1064, 1452, 3819]) expect([errno, isPassedOver('collect', refused(errno)), isPassedOver('stop', refused(errno))]).toEqual([errno, true, false]);
    for (const errno of [1205, 1317, 1114, 1021, 3024, 1290, 1053]) expect([errno, isPassedOver('collect', refused(errno))]).toEqual([errno, false]);
    expect(isPassedOver('collect', new Unclear(one))).toBe(false);
  });

  it('counts losses in a row: one behind which something was committed begins anew', () => {
    const losses = new LossCount(2);
    expect([5, 5, 9, 9, 12, 20, 20, 20].map((at) => losses.mayTryAgain(at))).toEqual([true, true, true, true, true, true, true, false]);
  });

  it('a setting that is refused when it is done again is told as a refusal', async () => {
    const { applier } = applierOf({ errno: (sql) => (sql === 'SET x' ? 1193 : 0) });
    await expect(applier.replay(statement('SET x', setting).one)).rejects.toBeInstanceOf(Refused);
    await expect(applier.replay(statement('INSERT', base).one)).resolves.toBe(undefined);
  });
});
