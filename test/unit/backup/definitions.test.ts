// Definitions in files, under their own names and under others; manifests; what a look says of a backup.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readManifest } from '../../../electron/backup/manifest';
import { readSqlFile, sqlFile, type SqlEntry } from '../../../electron/backup/sql-file';
import { findingOf } from '../../../electron/backup/verify';
import { renamings } from '../../../electron/cli/backup-commands';
import { databasesNamed, renamedTable, renamedTrigger, renamedView } from '../../../shared/domain/backup/rename';
import { failure } from '../../../shared/errors/codes';

describe('a file of definitions', () => {
  it('gives what was put in, whatever the texts hold', () => {
    const text = fc.string({ unit: fc.constantFrom('a', ';', ';;', '\n', "'", '-', '@', ' ', '{', '\xfe'), minLength: 1, maxLength: 20 });
    const entry = fc.record({ name: text, statements: fc.array(text, { minLength: 1, maxLength: 3 }) });
    fc.assert(fc.property(fc.array(entry, { maxLength: 6 }), (given) => {
      const entries: SqlEntry[] = given.map(({ name, statements }) => ({
        object: { kind: 'PROCEDURE', database: 'd', name }, statements: statements.map((one) => Buffer.from(`X${one}`, 'latin1')),
      }));
      const read = readSqlFile(sqlFile('title', ['SET NAMES utf8mb4'], entries));
      expect(read.map(({ object, statements }) => ({ object, statements: statements.map((one) => one.toString('latin1')) })))
        .toEqual(entries.map(({ object, statements }) => ({ object, statements: statements.map((one) => one.toString('latin1')) })));
    }), { numRuns: 500 });
  });

  it('is refused where it is cut or is something else', () => {
    const whole = sqlFile('title', [], [{ object: { kind: 'TABLE', database: 'd', name: 't' }, statements: [Buffer.from('CREATE TABLE t (a INT)')] }]);
    expect(() => readSqlFile(whole.subarray(0, whole.length - 2))).toThrow();
    expect(() => readSqlFile(Buffer.from('DROP DATABASE d'))).toThrow();
  });
});

describe('definitions under another name', () => {
  const names = new Map([['shop', 'shop_restored']]);

  it('of a table change where a foreign key names the database, and nowhere else', () => {
    const text = "CREATE TABLE `t` (\n  `shop` int COMMENT 'REFERENCES `shop`.`t`',\n  CONSTRAINT `f` FOREIGN KEY (`shop`) REFERENCES `shop`.`other` (`id`)\n)";
    expect(renamedTable(text, names)).toBe(text.replace('REFERENCES `shop`.`other`', 'REFERENCES `shop_restored`.`other`'));
    expect(renamedTable('… REFERENCES `other` (`id`)', names)).toBe('… REFERENCES `other` (`id`)');
  });

  it.each([
    ['select `shop`.`t`.`a` AS `a` from `shop`.`t`', 'select `shop_restored`.`t`.`a` AS `a` from `shop_restored`.`t`'],
    ['select `s`.`a` AS `a`,`shop`.`f`(`s`.`b`) AS `x` from (`shop`.`t` `s` join `other`.`u`)', 'select `s`.`a` AS `a`,`shop_restored`.`f`(`s`.`b`) AS `x` from (`shop_restored`.`t` `s` join `other`.`u`)'],
    // An alias of the same name: only where a table is named it is the database.
    ['select `shop`.`a` AS `a` from `shop`.`t` `shop`', 'select `shop`.`a` AS `a` from `shop_restored`.`t` `shop`'],
    ["select 'shop.t' AS `x` from `shop`.`t`", "select 'shop.t' AS `x` from `shop_restored`.`t`"],
  ])('of a view: %s', (text, expected) => {
    expect(renamedView(text, names)).toBe(expected);
  });

  it('of a trigger has its head in the new database, as far as it names one, and its body as it is', () => {
    const names = new Map([['shop', 'back'], ['for', 'f2']]);
    const of = (head: string, body = 'FOR EACH ROW INSERT INTO shop.log VALUES (1)'): string => renamedTrigger(`CREATE DEFINER=\`shop\`@\`%\` TRIGGER ${head} ${body}`, names);
    const made = (head: string, body = 'FOR EACH ROW INSERT INTO shop.log VALUES (1)'): string => `CREATE DEFINER=\`shop\`@\`%\` TRIGGER ${head} ${body}`;
    expect(of('shop.marks AFTER INSERT ON shop.orders')).toBe(made('`back`.marks AFTER INSERT ON `back`.orders'));
    expect(of('`shop` . `m` before update on\n `shop`.`o`', 'for each row SET @a = shop.f()')).toBe(made('`back` . `m` before update on\n `back`.`o`', 'for each row SET @a = shop.f()'));
    expect(of('marks AFTER INSERT ON orders')).toBe(made('marks AFTER INSERT ON orders'));
    expect(of('other.marks AFTER INSERT ON other.orders')).toBe(made('other.marks AFTER INSERT ON other.orders'));
  });

  it('of a program stay, and those that name the database are found', () => {
    expect(databasesNamed('BEGIN INSERT INTO shop.t VALUES (NEW.a); END', names)).toEqual(['shop']);
    expect(databasesNamed("BEGIN SELECT 'shop.t', t.shop; END", names)).toEqual([]);
  });
});

describe('a manifest', () => {
  it.each([
    ['no JSON', '{', 'damaged'], ['something else', '{}', 'damaged'], ['half of one', '{"format":"antipode-backup","version":1}', 'damaged'],
    ['one of a later version', '{"format":"antipode-backup","version":2}', 'newer'],
  ])('that is %s is told as that', (_what, text, state) => {
    expect(readManifest(text)).toMatchObject({ state });
  });

  it('whose files lie outside of its folder is damaged', () => {
    for (const path of ['../x.sql', '/etc/x.sql', 'rows/../../x.sql', 'a/b/c.sql', 'rows\\x.sql', '.sql', 'x']) {
      const manifest = {
        format: 'antipode-backup', version: 1, id: 'x', madeBy: 'x', server: { instanceId: '', name: '', uuid: '', version: '8.0.31', lowerCaseTableNames: 0 },
        startedAt: 0, endedAt: 0, gtidSet: '', lockedMs: 0, zone: '+00:00', scope: { kind: 'instance' }, encryption: null, databases: [], tables: [], programs: [],
        accounts: [], leftOut: [], seal: '', files: [{ path, plainBytes: 0, storedBytes: 0, sha256: '0'.repeat(64), frames: [] }],
      };
      expect(readManifest(JSON.stringify(manifest)), path).toMatchObject({ state: 'damaged' });
      expect(readManifest(JSON.stringify({ ...manifest, files: [{ ...manifest.files[0], path: 'rows/x.sql' }] }))).toHaveProperty('manifest');
    }
  });
});

it('is said of a backup only what a look found of it, and not what kept the look from its end', () => {
  expect(findingOf(null, 7)).toEqual({ at: 7, ok: true, error: null });
  expect(findingOf(failure('backup-damaged', { name: 'x', detail: '' }).error, 7)).toMatchObject({ ok: false });
  expect(findingOf(failure('content-differs', { count: 1, tables: 'd.t' }).error, 7)).toMatchObject({ ok: false });
  for (const error of [failure('cancelled', { what: 'x' }), failure('practice-unavailable', { series: '8.0' }), failure('storage-full', { file: 'x' })]) {
    expect(findingOf(error.error, 7)).toBeNull();
  }
});

it('takes names that hold commas and equals signs between backticks', () => {
  expect(renamings('a=b,`c,``=`=d')).toEqual([{ from: 'a', to: 'b' }, { from: 'c,`=', to: 'd' }]);
  for (const text of ['', 'a', 'a=', '=b', 'a=b=c']) expect(() => renamings(text)).toThrow();
});
