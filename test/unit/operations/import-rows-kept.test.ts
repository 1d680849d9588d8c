// What is refused of a file of rows: counted once, in the order of the file, whatever is met again after a crash; and kept as it was, up to a bound.
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { firstRefusedKey, forgetCounts, KeptRows, refusedKey, refusedSoFar, sweepKept, type Refusal } from '../../../electron/operations/import/rows/kept';
import type { NumberedRecord } from '../../../electron/operations/import/rows/reading';
import { mostErrors } from '../../../shared/domain/operations/import/plan';
import { keptRowsBytes } from '../../../shared/domain/operations/import/rows/plan';
import { errorOf } from '../../../shared/errors/codes';
import type { StepContext } from '../../../electron/tasks/types';
import { loneStep } from '../../fixtures/lone-step';

let folder: string;
let path: string;
let step: StepContext;
let logs: unknown[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'antipode-kept-'));
  path = join(folder, 'imports', 'a.csv');
  logs = [];
  step = loneStep({ log: (_, key, params) => void logs.push([key, params?.['record']]) });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const row = (number: number, text: string): NumberedRecord =>
  ({ number, at: number * 10, end: number * 10 + 10, line: number, fields: [], raw: Buffer.from(text), why: null, last: false });
const before: Refusal = { why: 'not-number', column: 'a', errno: 0, detail: '' };
const byServer: Refusal = { why: 'server', column: null, errno: 1062, detail: "Duplicate entry 'x\ty' for key" };
const counts = (): string => `${path}.counts.json`;
const opened = (): KeptRows => {
  const kept = new KeptRows(step, { path, form: { lineEnd: 'crlf' } });
  kept.header({ raw: Buffer.from('a,b') });
  return kept;
};
const failureOf = (kept: KeptRows): unknown => {
  try {
    return kept.told('orders', '/x/rows.csv');
  } catch (thrown) {
    return errorOf(thrown);
  }
};

describe('rows that are refused', () => {
  it('are kept in the order of the file, behind its header, with the reasons beside them', async () => {
    const kept = opened();
    kept.add(row(3, '3,x'), before);
    kept.add(row(2, '2,"y\r\nz"'), byServer);
    expect(existsSync(path)).toBe(false);
    await kept.settle(39);
    expect(readFileSync(path, 'latin1')).toBe('a,b\r\n2,"y\r\nz"\r\n3,x\r\n');
    expect(readFileSync(`${path}.reasons.tsv`, 'utf8')).toBe("2\t2\t\tserver\t1062\tDuplicate entry 'x\\ty' for key\n3\t3\ta\tnot-number\t0\t\n");
    expect([statSync(path).mode & 0o777, logs]).toEqual([0o600, [['import.log.refused-row', 2], ['import.log.refused-row', 3]]]);
    expect(failureOf(kept)).toMatchObject({ code: 'import-rows-collected', server: 'orders', params: { file: 'rows.csv', count: 2, record: 2, line: 2, kept: 2, changed: 0, path } });
    // No value of a row, nor the server's words about one, is in what the journal has.
    expect(JSON.stringify([step.recall(refusedKey), step.recall(firstRefusedKey)])).not.toMatch(/Duplicate|"y/);
  });

  it('count once, whatever was written and not remembered, and whatever was remembered before its place was committed', async () => {
    const kept = opened();
    kept.add(row(1, '1,x'), before);
    await kept.settle(19);
    const known = readFileSync(counts());
    const text = readFileSync(path);
    kept.add(row(2, '2,y'), before);
    kept.takenAt(row(3, ''));
    await kept.settle(39);
    // The program died before the journal was told, and again before the place was committed.
    writeFileSync(path, Buffer.concat([text, Buffer.from('half of a ro')]));
    writeFileSync(counts(), known);
    const second = opened();
    for (const one of [row(1, '1,x'), row(2, '2,y')]) second.add(one, before);
    second.takenAt(row(3, ''));
    await second.settle(39);
    const third = second.forget();
    for (const one of [row(1, '1,x'), row(2, '2,y'), row(4, '4,z')]) third.add(one, before);
    third.takenAt(row(3, ''));
    await third.settle(49);
    expect(readFileSync(path, 'latin1')).toBe('a,b\r\n1,x\r\n2,y\r\n4,z\r\n');
    expect(refusedSoFar(step, path)).toMatchObject({ refused: 3, taken: 1, kept: 3 });
  });

  it('are kept up to a bound, and named in the journal up to another; all of them count', async () => {
    const kept = opened();
    const large = 'x'.repeat(keptRowsBytes / 8);
    for (let number = 1; number <= mostErrors + 50; number += 1) kept.add(row(number, number <= 9 ? large : 'small'), before);
    await kept.settle(2_000);
    expect(statSync(path).size).toBeLessThanOrEqual(keptRowsBytes);
    expect(refusedSoFar(step, path)).toMatchObject({ refused: mostErrors + 50 });
    expect([step.recall(firstRefusedKey)?.length, logs.length]).toEqual([mostErrors, mostErrors]);
    kept.add(row(900, large), before);
    await kept.settle(10_000);
    expect(refusedSoFar(step, path)).toMatchObject({ refused: mostErrors + 51 });
    expect(statSync(path).size).toBeLessThanOrEqual(keptRowsBytes);
  });

  it('do not make the journal grow with each of them, nor do rows whose key was taken: what is counted stands beside it, and is read from there', async () => {
    let told = 0;
    const { remember } = step;
    step = { ...step, remember: (key, value) => { told += 1; return remember(key, value); } };
    const kept = opened();
    for (let number = 1; number <= 400; number += 1) {
      if (number % 2 === 0) kept.takenAt(row(number, ''));
      else kept.add(row(number, 'x'), before);
      await kept.settle(number * 10 + 9);
    }
    // The first ones by name, and what is counted from time to time.
    expect(told).toBeLessThanOrEqual(mostErrors + 2);
    expect(refusedSoFar(step, path)).toMatchObject({ refused: 200, taken: 200 });
    expect(statSync(counts()).size).toBeLessThan(300);
    await opened().tellJournal();
    forgetCounts(path);
    expect([refusedSoFar(step, path), existsSync(counts())]).toMatchObject([{ refused: 200, taken: 200 }, false]);
  });

  it('of which nothing is there to keep count as refused, and not as kept', async () => {
    const kept = opened();
    kept.add(row(1, ''), { ...before, why: 'too-long', column: null });
    await kept.settle(19);
    expect(failureOf(kept)).toMatchObject({ code: 'import-rows-collected', params: { count: 1, kept: 0 } });
    expect(existsSync(path)).toBe(false);
  });

  it('are no failure where there are none; rows whose key was taken are told', async () => {
    const kept = opened();
    kept.takenAt(row(1, ''));
    await kept.settle(19);
    expect([failureOf(kept), logs, existsSync(path)]).toEqual([undefined, [['import.log.taken', undefined]], false]);
  });

  it('of older imports go, the newest stay', () => {
    sweepKept(join(folder, 'nowhere'), new Set());
    for (let at = 0; at < 50; at += 1) {
      const file = join(folder, `${String(at)}.csv`);
      writeFileSync(file, '');
      utimesSync(file, at + 1, at + 1);
    }
    for (const name of ['2.csv', '2.csv.reasons.tsv']) {
      writeFileSync(join(folder, name), 'x');
      utimesSync(join(folder, name), 1, 1);
    }
    // An import that has not ended is gone on with: what it kept stays, however old.
    sweepKept(folder, new Set([join(folder, '2.csv')]));
    expect(['2.csv', '2.csv.reasons.tsv', '3.csv'].map((name) => existsSync(join(folder, name)))).toEqual([true, true, false]);
    expect([existsSync(join(folder, '9.csv')), existsSync(join(folder, '10.csv')), existsSync(join(folder, '49.csv'))]).toEqual([false, true, true]);
  });
});
