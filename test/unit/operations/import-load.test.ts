// LOAD DATA as mydumper writes it: what of it is followed, and what its rows come to as statements, however the bytes come.
import { describe, expect, it } from 'vitest';
import { LoadedRows, type Loading } from '../../../electron/operations/import/loaded';
import { loadedIn, rowFiles } from '../../../shared/domain/operations/import/folder';
import { loadTermsIn, type LoadTerms } from '../../../shared/domain/operations/import/load';

const mydumper = "LOAD DATA LOCAL INFILE 'd.t.00000.dat' REPLACE INTO TABLE `t` CHARACTER SET binary FIELDS TERMINATED BY '\\t' ENCLOSED BY '' ESCAPED BY '\\\\' "
  + "LINES STARTING BY '' TERMINATED BY '\\n' (`a`,@J,@raw)SET `J`=CONVERT(@J USING UTF8MB4),`raw`=UNHEX(@raw)";

describe('a LOAD DATA', () => {
  it('of mydumper is followed, as tab-separated rows and as CSV, with what SET does', () => {
    expect(loadTermsIn(mydumper, {})).toEqual({
      file: 'd.t.00000.dat', verb: 'REPLACE', table: '`t`', characters: 'binary', skipped: 0, width: 3,
      form: { encoding: 'utf-8', delimiter: '\t', quote: null, escape: 'backslash', lineEnd: 'lf' },
      columns: [{ name: '`a`', field: 0, through: null }, { name: '`J`', field: 1, through: 'text' }, { name: '`raw`', field: 2, through: 'hex' }],
    });
    const csv = "LOAD DATA LOCAL INFILE 'out/x.csv' INTO TABLE `s`.`t` CHARACTER SET gbk FIELDS TERMINATED BY ',' ENCLOSED BY '\"' ESCAPED BY '' LINES TERMINATED BY '\\r\\n' IGNORE 1 LINES (`a`);";
    expect(loadTermsIn(csv, {})).toMatchObject({
      file: 'x.csv', verb: 'INSERT', table: '`s`.`t`', skipped: 1, width: 1, form: { encoding: 'gbk', delimiter: ',', quote: '"', escape: 'none', lineEnd: 'crlf' },
    });
    expect(loadTermsIn('LOAD DATA LOCAL INFILE \'x\' INTO TABLE "t" CHARACTER SET utf8mb4 ("a")', { ansiQuotes: true })).toMatchObject({ table: '"t"', width: 1 });
  });

  it('with anything else is not', () => {
    const with_ = (terms: string, columns = '(a)'): LoadTerms | null => loadTermsIn(`LOAD DATA INFILE 'x' INTO TABLE t CHARACTER SET utf8 ${terms} ${columns}`, {});
    expect(with_('')).not.toBeNull();
    for (const terms of ["FIELDS TERMINATED BY '||'", "FIELDS TERMINATED BY 'x'", "FIELDS TERMINATED BY ''", "FIELDS ENCLOSED BY '|'", "FIELDS ESCAPED BY '|'", "LINES STARTING BY '('", "LINES TERMINATED BY ';'", 'IGNORE x LINES']) {
      expect(with_(terms), terms).toBeNull();
    }
    for (const columns of ['', '(a', '(a) SET b = NOW()', '(@a) SET b = UNHEX(@c)', '(@a) SET b = CONVERT(@a USING latin1)', '(@a) SET b = @a + 1', '(a) WHERE 1', '(1)']) {
      expect(with_('', columns), columns).toBeNull();
    }
    expect(loadTermsIn("LOAD DATA INFILE 'x' INTO TABLE t (a)", {})).toBeNull();
    expect(loadTermsIn("LOAD DATA INFILE 'x' INTO TABLE t CHARACTER SET sjis (a)", {})).toBeNull();
    expect(loadTermsIn("LOAD XML INFILE 'x' INTO TABLE t CHARACTER SET utf8 (a)", {})).toBeNull();
  });

  it('has a backslash that escapes where the mode has one, unless it says itself', () => {
    const escape = (terms: string, noBackslashEscapes: boolean): string | undefined =>
      loadTermsIn(`LOAD DATA INFILE 'x' INTO TABLE t CHARACTER SET utf8mb4 ${terms} (a)`, { noBackslashEscapes })?.form.escape;
    const [two, one] = [String.raw`FIELDS ESCAPED BY '\\'`, String.raw`FIELDS ESCAPED BY '\'`];
    expect([escape('', false), escape('', true), escape(two, false), escape(two, true), escape(one, true)])
      .toEqual(['backslash', 'none', 'backslash', undefined, 'backslash']);
  });

  it('names the file of its rows, and several of them name none', () => {
    expect(loadedIn(`SET NAMES binary;\n${mydumper};\n`)).toBe('d.t.00000.dat');
    expect(loadedIn("LOAD DATA LOCAL INFILE 'a/b/d.t.00000.dat.gz' INTO")).toBe('d.t.00000.dat');
    expect(loadedIn("LOAD DATA LOCAL INFILE 'it''s\\'.dat' INTO")).toBe("it's'.dat");
    expect([loadedIn(`${mydumper};\n${mydumper};\n`), loadedIn("INSERT INTO t VALUES ('LOAD DATA INFILE ''x''')")]).toEqual([null, null]);
    expect(['a.b.00000.dat', 'a.csv.zst', 'a.dat.gz', 'a.sql', 'metadata'].map((name) => rowFiles.test(name))).toEqual([true, true, true, false, false]);
  });
});

const termsOf = (sql: string): LoadTerms => {
  const terms = loadTermsIn(sql, {});
  if (terms === null) throw new Error('no terms');
  return terms;
};
const loading = (more: Partial<Loading> = {}): Loading => ({
  terms: termsOf(mydumper), verdict: { act: 'leave-out', why: 'reading', database: null }, literal: (characters, text) => `_${characters}<${text}>`, longest: 10_000, base: 100, from: 0, ...more,
});
const rows = '1\t{"a": "\\\\n\\t"}\t00FF\n\\N\t\\N\t\\N\nNULL\t\\\t\t\n';

describe('rows that are loaded', () => {
  it('are statements with the values as the terms have them, wherever the bytes are cut', () => {
    const expected = 'REPLACE INTO `t` (`a`,`J`,`raw`) VALUES (_binary<1>,CONVERT(_binary<{"a": "\\n\t"}> USING utf8mb4),UNHEX(_binary<00FF>)),\n(NULL,NULL,NULL),\n'
      + '(_binary<NULL>,CONVERT(_binary<\t> USING utf8mb4),UNHEX(_binary<>))';
    for (let cut = 0; cut <= rows.length; cut += 1) {
      const loaded = new LoadedRows(loading());
      const found = [...loaded.push(Buffer.from(rows.slice(0, cut))), ...loaded.push(Buffer.from(rows.slice(cut))), ...loaded.end()];
      expect(found, String(cut)).toMatchObject([{ text: expected, at: 100, end: 100 + rows.length, line: 1, rows: 3 }]);
    }
  });

  it('end where an import goes on, at most so long, and are refused where they are of another form', () => {
    const told = (more: Partial<Loading>, text = rows) => {
      const loaded = new LoadedRows(loading(more));
      return [...loaded.push(Buffer.from(text)), ...loaded.end()].map(({ at, end, rows: count, verdict }) => [at, end, count, verdict.act === 'refuse' ? verdict.why : 'taken']);
    };
    const second = 100 + rows.indexOf('\\N');
    expect(told({ from: second })).toEqual([[100, second, 1, 'taken'], [second, 100 + rows.length, 2, 'taken']]);
    expect(told({ longest: 150 }).map(([, , count]) => count)).toEqual([2, 1]);
    expect(told({}, '1\t2\n1\t2\t3\n')).toEqual([[100, 104, 1, 'load-row'], [104, 110, 1, 'taken']]);
    expect(told({ longest: 60 }, `1\t${'x'.repeat(50)}\t3\n`)).toMatchObject([[100, 155, 1, 'too-long']]);
    const quotes = termsOf("LOAD DATA INFILE 'x' INTO TABLE t CHARACTER SET utf8mb4 FIELDS TERMINATED BY ',' ENCLOSED BY '\"' IGNORE 1 LINES (a,b)");
    const loaded = new LoadedRows(loading({ terms: quotes }));
    expect([...loaded.push(Buffer.from('"a","b"\nNULL,"NULL"\n"x""\\"y","\\N"\n')), ...loaded.end()].map(({ text, line }) => [text, line]))
      .toEqual([['INSERT INTO t (a,b) VALUES (NULL,_utf8mb4<NULL>),\n(_utf8mb4<x""y>,NULL)', 2]]);
    expect(told({ terms: quotes }, '"a","b"\n"x,1\n')).toEqual([[108, 113, 1, 'load-row']]);
  });
});
