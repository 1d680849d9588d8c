// Files in GBK and its like: a quote, a backslash or a backtick may be half of a character there. Taken apart the same wherever the bytes are cut.
import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { ImportJudge } from '../../../shared/domain/operations/import/judge';
import { leadBytesOf, type startCharacters, withoutTails } from '../../../shared/domain/operations/import/lead-bytes';
import { StatementScanner } from '../../../shared/domain/operations/import/scanner';
import { parseServerVersion } from '../../../shared/domain/fleet/version';

const reading = { executes: () => true, digits: 6 } as const;
const options = { target: 'shop', mode: '', characters: 'utf8mb4', version: parseServerVersion('9.7.1'), reading, lowerCase: 0 } as const;

/** Statements as they come with the verdicts, the stream cut at a place. */
function taken(bytes: Uint8Array, cut: number, start: (typeof startCharacters)[number] | null): readonly (readonly [string, string])[] {
  const judge = new ImportJudge({ ...options, start });
  const scanner = new StatementScanner(reading, 1_000_000);
  const found: (readonly [string, string])[] = [];
  const next = (): void => {
    scanner.modes = judge.modes;
    scanner.leads = judge.leads;
    for (let one = scanner.next(); one !== null; one = scanner.next()) {
      const text = Buffer.from(one.bytes).toString('latin1');
      const verdict = one.closed ? judge.judge(text, one.rows !== null) : null;
      found.push([text, verdict === null ? 'unclosed' : verdict.act === 'send' ? `${verdict.kind} ${String(one.rows)}` : verdict.why]);
      scanner.modes = judge.modes;
      scanner.leads = judge.leads;
    }
  };
  scanner.push(bytes.subarray(0, cut));
  next();
  scanner.push(bytes.subarray(cut));
  next();
  scanner.finish();
  next();
  return found;
}

// 0x5C, 0x60, 0x7C and 0x40 as second bytes, and a lone lead before a quote.
const nasty = {
  gbk: ['誠\\', '乣`', '譢|', 'x誠'], gb18030: ['誠\\', '乣`', '譢|', '\u{20087}x'], big5: ['功許蓋', '育', '四`', '開\\'], sjis: ['表ソ能', 'ーミ', '十`', '構\\'], cp932: ['表ソ能', 'ーミ', '十`', '髙\\'],
} as const;
const iconvName = { gbk: 'gbk', gb18030: 'gb18030', big5: 'big5', sjis: 'shift_jis', cp932: 'cp932' } as const;

describe('text in which a second byte may be one of ASCII', () => {
  it.each(Object.keys(nasty) as (keyof typeof nasty)[])('%s is taken apart as characters, however the bytes come, said by the file or about it', (name) => {
    const quoted = nasty[name].map((text) => `'${text.replaceAll('\\', '\\\\')}'`);
    const ends = nasty[name].map((text) => `'${text.replaceAll(/[\\`|]/g, '')}'`);
    const statements = [
      `INSERT INTO t VALUES (${quoted.join(',')})`, `INSERT INTO t VALUES (${ends.join('),(')})`, `INSERT INTO t (c) VALUES ("${nasty[name][0].replaceAll('\\', '')}"),('it\\'s ${nasty[name][1]}')`,
      `CREATE TABLE u (a INT COMMENT '${nasty[name][0].replaceAll('\\', '')}', b INT /* ${nasty[name][1]} */)`, 'INSERT INTO u VALUES (1)',
    ];
    const text = (before: string): Buffer => iconv.encode(`${before}${statements.join(';\n')};\n`, iconvName[name]);
    const expected = statements.map((one) => iconv.encode(one, iconvName[name]).toString('latin1'));
    const verdicts = ['rows 1', `rows ${String(ends.length)}`, 'rows 2', 'definition null', 'rows 1'];
    for (const [before, start] of [['', name], [`SET NAMES ${name};\n`, null], [`/*!40101 SET character_set_client = ${name} */;\n`, null]] as const) {
      const bytes = text(before);
      for (let cut = 0; cut <= bytes.length; cut += 1) {
        const found = taken(bytes, cut, start).slice(start === null ? 1 : 0);
        expect(found.map(([one]) => one), `${before}${String(cut)}`).toEqual(expected);
        expect(found.map(([, one]) => one), `${before}${String(cut)}`).toEqual(verdicts);
      }
    }
  });

  it('ends in a backslash that escapes nothing, and a lone lead before a quote is a character by itself', () => {
    const bytes = (...parts: readonly (string | number)[]): Buffer => Buffer.concat(parts.map((part) => (typeof part === 'number' ? Buffer.from([part]) : Buffer.from(part, 'latin1'))));
    const text = bytes("INSERT INTO t VALUES ('", 0x81, "'),('", 0x81, 0x5c, "'),('\\", 0x81, "\\''),('", 0x81, 0x5c, 0x5c, "';DROP'); INSERT INTO t VALUES (1)");
    for (let cut = 0; cut <= text.length; cut += 1) expect(taken(text, cut, 'gbk').map(([, one]) => one)).toEqual(['rows 4', 'rows 1']);
    // As bytes it would be something else: the statement behind it comes to lie within a text.
    expect(taken(text, 0, null).map(([, one]) => one)).not.toEqual(['rows 4', 'rows 1']);
  });

  it('is looked at with nothing of ASCII in its characters; where a backslash halves one outside of texts, it cannot be told', () => {
    const gbk = leadBytesOf('GBK_chinese_ci');
    if (gbk === null) throw new Error('no leads');
    const latin1 = (text: string): string => iconv.encode(text, 'gbk').toString('latin1');
    expect(withoutTails('a \x81\x5c b \x81\x27', gbk, {})).toBe('a \x81\xdc b \x81\x27');
    expect(withoutTails("'\\\x81\\'' \x81\x60", gbk, {})).toBe("'\\\x81\\'' \x81\xe0");
    expect([withoutTails('a \\\x81\x5c', gbk, {}), withoutTails('a \\\x81\x5c', gbk, { noBackslashEscapes: true })]).toEqual([null, 'a \\\x81\xdc']);
    expect(withoutTails('plain', gbk, {})).toBe('plain');
    const judge = new ImportJudge({ ...options, start: 'gbk' });
    expect(judge.judge(latin1("INSERT INTO `表名` VALUES ('x')"))).toEqual({ act: 'refuse', why: 'character-set' });
    expect(judge.readable(latin1("INSERT INTO t VALUES ('誠')"))).not.toContain('\\');
    expect([judge.isAssumed, new ImportJudge(options).isAssumed, leadBytesOf('utf8mb4'), leadBytesOf('latin1_bin')]).toEqual([false, true, null, null]);
  });

  it('is not told where a quote in a comment, or of a name with a backslash, may hide which backslash escapes: what the server runs would pass as a text', () => {
    // Seen on 9.7: all three run VERSION(), which stands within a text for whoever takes the first quote for the beginning of something.
    const hidden = "'\\\x81\\', ', VERSION(), ' ' -- '";
    const verdict = (sql: string, ...before: readonly string[]): string => {
      const judge = new ImportJudge({ ...options, start: 'gbk' });
      for (const one of before) judge.judge(one);
      const { act, ...more } = judge.judge(sql);
      return 'why' in more ? more.why : act;
    };
    const evil = (before: string): string => `INSERT ${before}INTO t SELECT ${hidden.replace('VERSION()', "LOAD_FILE('/x')")}`;
    expect(verdict(evil(''))).toBe('file');
    for (const comment of ['/* ` */ ', '-- `\n', '# `\n', "/* ' */ "]) expect(verdict(evil(comment)), comment).toBe('character-set');
    expect(verdict(`INSERT INTO t SELECT 1 AS "a\\", ${hidden.replace('VERSION()', "LOAD_FILE('/x')")}`, "SET sql_mode = 'ANSI_QUOTES'")).toBe('file');
    // Without such a backslash a comment hides nothing.
    expect(verdict("INSERT /* it's ` */ INTO t VALUES ('C:\\\\\x81\x5c', '\\'')")).toBe('send');
  });
});
