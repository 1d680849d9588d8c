// What a plan of rows says of a file and its table, and where a run ends at a record behind which nothing can be told apart.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RowApplier, RowRefused } from '../../../electron/operations/import/rows/applier';
import { draftRows, type RowsDraft } from '../../../electron/operations/import/rows/draft';
import { KeptRows } from '../../../electron/operations/import/rows/kept';
import { lookAt } from '../../../electron/operations/import/source';
import type { LiveSession } from '../../../electron/mysql/types';
import { guessedIn, guessedParts } from '../../../shared/domain/operations/import/rows/form';
import type { RowsRequest } from '../../../shared/domain/operations/import/rows/plan';
import type { Precondition } from '../../../shared/domain/tasks/plan';
import { fakeSession } from '../../fixtures/fake-session';
import { loneStep } from '../../fixtures/lone-step';

let folder: string;
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'antipode-rows-draft-')); });
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Server {
  readonly packet?: number;
  readonly keyed?: number;
  readonly type?: string;
}

/** A server with the table `d.t (a INT, b VARCHAR(20))`, `type` in place of that. */
const serverOf = ({ packet = 4 * 1024 * 1024, keyed = 0, type = 'varchar(20)' }: Server) => fakeSession('orders', (sql) => {
  const column = { nullable: 'YES', preset: null, extra: '', srid: null };
  if (sql.includes('information_schema.COLUMNS')) {
    return [{ ...column, name: 'a', type: 'int', charset: null }, { ...column, name: 'b', type, charset: /char/.test(type) ? 'utf8mb4' : null }];
  }
  if (sql.includes('max_allowed_packet')) return [{ most: packet }];
  if (sql.includes('time_zone')) return [{ zone: 'UTC' }];
  return sql.includes('information_schema.TABLES') ? [{ engine: 'InnoDB', kind: 'BASE TABLE', triggers: 0, keyed }] : [];
});

async function drafted(text: string, more: Partial<RowsRequest> = {}, server: Server = {}): Promise<RowsDraft> {
  const path = join(folder, 'rows.csv');
  writeFileSync(path, text);
  const request: RowsRequest = {
    instanceId: 'i1', path, database: 'd', table: 't', mapping: ['a', 'b'], mode: 'insert', onError: 'collect', fromByte: 0,
    form: { encoding: 'utf-8', delimiter: ',', quote: '"', escape: 'none', lineEnd: 'lf', header: false, decimal: 'point', nulls: [] }, ...more,
  };
  const { draft } = await draftRows((use) => use(serverOf(server)), {
    id: 'p', request, name: 'orders', file: await lookAt(path), replicas: [], clock: () => 0, known: null, signal: undefined,
  });
  return draft;
}

function conditionOf({ plan }: RowsDraft, id: string): Precondition {
  const found = plan.preconditions.find((one) => one.id === id);
  if (found === undefined) throw new Error(`No condition ${id}.`);
  return found;
}

describe('a plan of rows', () => {
  it.each([
    ['a quote that is not closed', '1,x\n2,"y\n3,z\n', {}, 'quote-unclosed'],
    ['a record whose end is not in sight', `1,x\n2,"${'y'.repeat(600_000)}\n3,z\n`, { packet: 70_000 }, 'too-long'],
  ] as const)('fails for %s, also where refused rows are collected: nothing behind it was read', async (_name, text, server, why) => {
    const draft = await drafted(text, {}, server);
    expect(draft.plan.scan.unread).toMatchObject({ record: 2, line: 2, why });
    expect(conditionOf(draft, 'rows')).toMatchObject({ status: 'fail', measured: { key: 'import.rows.unread' }, remedy: { key: 'import.rows.unread.remedy' } });
  });

  it('warns of a decimal comma, backslash escapes, apostrophes as quotes and the word NULL that were guessed, and says how they are set otherwise', async () => {
    const form = { encoding: 'utf-8', delimiter: ';', quote: "'", escape: 'backslash', lineEnd: 'lf', header: false, decimal: 'comma', nulls: ['NULL'] } as const;
    const guessed = guessedIn(form, {});
    const chosen = { decimal: 'comma', quote: "'", nulls: ['NULL'] } as const;
    const usual = { ...form, decimal: 'point', escape: 'none', quote: '"', nulls: [''] } as const;
    expect([guessed, guessedIn(form, chosen), guessedIn(usual, {})]).toEqual([guessedParts, ['escape'], []]);
    const draft = await drafted('1;x\n', { form, guessed });
    for (const part of guessedParts) {
      const key = `import.rows.guessed.${part}`;
      expect(conditionOf(draft, `guessed-${part}`)).toMatchObject({ status: 'warn', measured: { key }, remedy: { key: `${key}.remedy` } });
    }
    expect((await drafted('1;x\n', { form })).plan.preconditions.filter(({ id }) => id.startsWith('guessed-'))).toEqual([]);
  });

  it('warns of the word NULL where it comes in as a text, and of none in quotes or of what is NULL', async () => {
    const words = async (text: string, nulls: readonly string[]): Promise<unknown> => {
      const form = { encoding: 'utf-8', delimiter: ';', quote: '"', escape: 'none', lineEnd: 'lf', header: false, decimal: 'point', nulls } as const;
      return (await drafted(text, { form })).plan.preconditions.find(({ id }) => id === 'null-word')?.measured.params;
    };
    expect(await words('1;x\n2;NULL\n3;NULL\n', ['\\N'])).toEqual({ count: 2, line: 2 });
    expect([await words('1;x\n2;"NULL"\n3;NULLS\n', ['\\N']), await words('1;NULL\n', ['NULL'])]).toEqual([undefined, undefined]);
  });

  it('warns of bytes as 0x… where they come in as that text into a column of bytes', async () => {
    const words = async (type: string): Promise<unknown> =>
      (await drafted('1,0x00ff\n2,0xfg\n3,0x0\n4,0xAB\n5,x\n', {}, { type })).plan.preconditions.find(({ id }) => id === 'hex-word')?.measured.params;
    expect([await words('blob'), await words('varbinary(20)'), await words('varchar(20)')]).toEqual([{ count: 2, line: 1 }, { count: 2, line: 1 }, undefined]);
  });

  it('takes hexadecimal digits as bytes in columns that are chosen, which are of bytes and filled', async () => {
    const of = async (type: string, hex: readonly string[]) => (await drafted('1,0x00ff\n2,0xfg\n3,\n', { hex }, { type })).plan;
    const { scan, preconditions } = await of('blob', ['b']);
    expect([scan.refused.map(({ record, why }) => [record, why]), preconditions.find(({ id }) => id === 'hex')?.status, preconditions.find(({ id }) => id === 'hex-word')])
      .toEqual([[[2, 'not-hex']], 'pass', undefined]);
    for (const [type, hex] of [['varchar(20)', 'b'], ['blob', 'other']] as const) {
      expect((await of(type, [hex])).preconditions.find(({ id }) => id === 'hex')).toMatchObject({ status: 'fail', measured: { params: { names: hex } } });
    }
  });

  it('only warns of what can be collected', async () => {
    const draft = await drafted('1,x\nno,y\n3,z\n');
    expect(draft.plan.scan).toMatchObject({ unread: null, refusedCount: 1, records: 3 });
    expect(conditionOf(draft, 'rows').status).toBe('warn');
  });
});

describe('the columns of a plan of rows', () => {
  it('are told as a warning where fields are left out, and stand on whether a key may be taken', async () => {
    expect([conditionOf(await drafted('1,x\n'), 'mapping').status, conditionOf(await drafted('1,x\n', { mapping: ['a', null] }), 'mapping').status]).toEqual(['pass', 'warn']);
    const [free, keyed] = [await drafted('1,x\n'), await drafted('1,x\n', {}, { keyed: 1 })];
    expect(free.input.rows?.basis).not.toBe(keyed.input.rows?.basis);
  });
});

describe('a run of rows', () => {
  it('ends at a record behind which nothing can be told apart, also where refused rows are collected', async () => {
    const session = serverOf({});
    const live: LiveSession = {
      ...session, closed: false, client: null, idle: true, onClose: () => undefined, ping: () => Promise.resolve(), end: () => Promise.resolve(),
      lend: () => Promise.reject(new Error('not here')),
    };
    const kept = new KeptRows(loneStep(), { path: join(folder, 'kept.csv'), form: { lineEnd: 'lf' } });
    const applier = new RowApplier(live, '0f372d77-7337-4b47-967c-f17e076393dc', { at: 0, line: 1, statements: 0, rows: 0 }, new AbortController().signal, -1, kept);
    applier.into({ head: 'INSERT INTO t VALUES ', mode: 'insert', onError: 'collect', transactional: true, hasTriggers: false, packet: 1_000_000 });
    const record = (number: number, last: boolean) =>
      ({ number, at: number * 10, end: number * 10 + 10, line: number, fields: [], raw: Buffer.from('x'), why: 'quote-unclosed' as const, last });
    const refusal = { why: 'quote-unclosed' as const, column: null, errno: 0, detail: '' };
    await applier.refuse(record(1, false), refusal);
    await expect(applier.refuse(record(2, true), refusal)).rejects.toBeInstanceOf(RowRefused);
    // What was collected before it is counted, it is not.
    expect(applier.committed).toMatchObject({ at: 20, statements: 1 });
  });
});
