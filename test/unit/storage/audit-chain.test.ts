import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { audited, AuditedRun, recordedAfter } from '../../../electron/fleet/audited';
import { openAuditLog } from '../../../electron/storage/audit';
import { errorOf, failure } from '../../../shared/errors/codes';

let folder: string;
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'antipode-audit-')); });
afterEach(() => { rmSync(folder, { recursive: true, force: true }); });
const path = (name: string): string => join(folder, name);
const log = () => openAuditLog({ dataFolder: folder, front: 'terminal', now: () => 1_700_000_000_000 });
const entry = (target: string) => ({ action: 'instance.add', target, outcome: 'done', detail: { host: 'db1' } }) as const;
const lines = (): string[] => readFileSync(path('audit.jsonl'), 'utf8').split('\n').slice(0, -1);
const put = (list: readonly string[]): void => writeFileSync(path('audit.jsonl'), list.map((line) => `${line}\n`).join(''));
const written = (count: number): void => { for (let n = 1; n <= count; n += 1) log().append(entry(`t${n}`)); };

describe('the chain of the audit log', () => {
  it('holds over processes, and says where it ends', async () => {
    expect(await log().verify()).toMatchObject({ state: 'intact', entries: 0, end: null });
    written(3);
    expect(await log().verify()).toMatchObject({ state: 'intact', entries: 3, old: 0, torn: 0, brokenAt: null, end: expect.stringMatching(/^[0-9a-f]{64}$/) as string });
  });

  it.each([
    ['a line that was changed', (all: string[]) => all.map((line) => line.replace('"t2"', '"t9"')), { state: 'broken', brokenAt: 3 }],
    ['the last line changed', (all: string[]) => all.map((line) => line.replace('"t4"', '"t9"')), { state: 'broken' }],
    ['a line taken out', (all: string[]) => all.filter((line) => !line.includes('"t2"')), { state: 'broken', brokenAt: 2 }],
    ['the first one taken out', (all: string[]) => all.slice(1), { state: 'broken', brokenAt: 1 }],
    ['two changed places', (all: string[]) => [all[0]!, all[2]!, all[1]!, all[3]!], { state: 'broken', brokenAt: 2 }],
    ['a line twice', (all: string[]) => [...all, all[3]!], { state: 'broken', brokenAt: 5 }],
    ['a line put in that says nothing of its place', (all: string[]) => [...all.slice(0, 2), JSON.stringify({ at: 1, actor: 'me', front: 'terminal', ...entry('x') }), ...all.slice(2)], { state: 'broken', brokenAt: 3 }],
    ['text put in', (all: string[]) => [...all.slice(0, 2), 'nothing', ...all.slice(2)], { state: 'broken', brokenAt: 4 }],
    ['the end cut off', (all: string[]) => all.slice(0, 2), { state: 'cut-off', entries: 2, missing: 2 }],
    ['everything gone', () => [], { state: 'cut-off', entries: 0, missing: 4 }],
  ] as const)('shows %s', async (_what, change, proof) => {
    written(4);
    put(change(lines()));
    expect(await log().verify()).toMatchObject(proof);
    // Writing on does not make it whole.
    log().append(entry('after'));
    expect((await log().verify()).state).toBe('broken');
    expect(log().list(1)[0]?.target).toBe('after');
  });

  it('shows any change of any byte', async () => {
    written(4);
    const whole = readFileSync(path('audit.jsonl'));
    await fc.assert(fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, by) => {
      const bytes = Buffer.from(whole);
      bytes[at] = (bytes[at] ?? 0) ^ by;
      writeFileSync(path('audit.jsonl'), bytes);
      expect((await log().verify()).state).not.toBe('intact');
    }), { numRuns: 150 });
  });

  it('is not broken by a line that a crash has torn, nor by a record of its end that is behind', async () => {
    written(2);
    const behind = readFileSync(path('audit.end.json'));
    appendFileSync(path('audit.jsonl'), '{"n":3,"prev":"ab');
    expect(await log().verify()).toMatchObject({ state: 'intact', entries: 2, torn: 1 });
    written(2);
    writeFileSync(path('audit.end.json'), behind);
    expect(await log().verify()).toMatchObject({ state: 'intact', entries: 4, torn: 1 });
    rmSync(path('audit.end.json'));
    expect(await log().verify()).toMatchObject({ state: 'end-unknown', entries: 4 });
  });

  it('goes on from a log of before, sealed by its first line; torn at its end or not', async () => {
    const old = (target: string) => JSON.stringify({ at: 1, actor: 'me', front: 'desktop', ...entry(target) });
    writeFileSync(path('audit.jsonl'), `${old('o1')}\n${old('o2')}\n{"at":17`);
    log().append(entry('new'));
    expect(log().list(10).map(({ target, action }) => `${action} ${target}`)).toEqual(['instance.add new', 'audit.chain audit.jsonl', 'instance.add o2', 'instance.add o1']);
    expect(await log().verify()).toMatchObject({ state: 'intact', entries: 2, old: 3 });
    put(lines().map((line) => line.replace('"o1"', '"oX"')));
    expect(await log().verify()).toMatchObject({ state: 'broken', brokenAt: 4 });
  });

  it('verifies a long log across its blocks', async () => {
    const audit = log();
    for (let n = 0; n < 400; n += 1) audit.append({ ...entry(`灾备-${n}`), detail: { filler: 'x'.repeat(500) } });
    expect(await audit.verify()).toMatchObject({ state: 'intact', entries: 400 });
  });
});

describe('an act', () => {
  it('is on the disk before it begins, and its end after; shown as one', async () => {
    const audit = log();
    await audited(audit, 'fence', 'db1', { a: 1 }, (note) => {
      expect(lines().map((line) => (JSON.parse(line) as { outcome: string }).outcome)).toEqual(['begun']);
      expect(audit.list(5)).toMatchObject([{ outcome: 'begun', target: 'db1' }]);
      note({ sql: 'SET' });
    });
    await expect(audited(audit, 'fence', 'db2', {}, () => { throw failure('cancelled', { what: 'x' }); })).rejects.toThrow();
    await expect(audited(audit, 'fence', 'db3', {}, () => { throw failure('confirm-mismatch', { expected: 'x' }); })).rejects.toThrow();
    expect(audit.list(9).map(({ target, outcome, detail }) => [target, outcome, detail])).toEqual([
      ['db3', 'refused', { code: 'confirm-mismatch' }], ['db2', 'failed', { code: 'cancelled' }], ['db1', 'done', { a: 1, sql: 'SET' }],
    ]);
    expect((JSON.parse(audit.export('json')) as unknown[])).toHaveLength(6);
    expect(await audit.verify()).toMatchObject({ state: 'intact', entries: 6 });
  });

  it('that a crash ended half-way stays as begun', () => {
    log().append({ ...entry('db1'), outcome: 'begun', act: 'a1' });
    expect(log().list(5)).toMatchObject([{ target: 'db1', outcome: 'begun' }]);
  });

  /** Nothing can be written where the log should be: as root, too, who is stopped by no file mode. */
  const block = (): void => { rmSync(path('audit.jsonl'), { force: true }); mkdirSync(path('audit.jsonl')); };
  const free = (): void => rmSync(path('audit.jsonl'), { recursive: true });

  it('does not happen where its beginning cannot be written', async () => {
    block();
    let ran = false;
    const refused = await audited(log(), 'fence', 'db1', {}, () => { ran = true; }).then(() => null, (thrown: unknown) => errorOf(thrown));
    expect(refused).toMatchObject({ code: 'audit-unwritable', params: { reason: 'other' } });
    expect(ran).toBe(false);
    const record = new AuditedRun(log(), 'fill', 'db1');
    expect(() => record.before({})).toThrow();
  });

  it('that was done stays done where its end cannot be written: that is written before anything else', async () => {
    const audit = log();
    const { length } = await audited(audit, 'fence', 'db1', {}, () => {
      block();
      return 'done';
    });
    expect(length).toBe(4);
    expect(await audit.verify().then(({ waiting }) => waiting, () => 1)).toBe(1);
    // What protects is done all the same.
    recordedAfter(audit, 'drift', 'db1', {});
    await expect(audited(audit, 'fence', 'db2', {}, () => undefined)).rejects.toMatchObject({ error: { code: 'audit-unwritable' } });
    free();
    audit.append(entry('next'));
    expect(audit.list(9).map(({ target, outcome, action }) => `${action} ${target} ${outcome}`)).toEqual(['instance.add next done', 'drift db1 done', 'fence db1 done', 'audit.cut-off audit.jsonl failed']);
  });

  it('writes a log that nobody else may read', () => {
    log().append(entry('a'));
    expect(['audit.jsonl', 'audit.end.json'].map((name) => statSync(path(name)).mode & 0o077)).toEqual([0, 0]);
    expect(existsSync(path('audit.lock'))).toBe(false);
  });
});
