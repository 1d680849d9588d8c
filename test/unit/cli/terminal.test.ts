import { describe, expect, it } from 'vitest';
import { parseScope, portNumber, wholeNumber } from '../../../electron/cli/arguments';
import { exitCodeOf, exitCodes } from '../../../electron/cli/exit-codes';
import { errorText, moment, safe, table, terminalTranslator } from '../../../electron/cli/output';
import { passwordVariable } from '../../../electron/cli/passwords';
import { lagText } from '../../../electron/cli/texts';
import { translator } from '../../../shared/i18n/translate';

describe('scope of the terminal', () => {
  it.each([
    ['shop', [{ database: 'shop', tables: null }]],
    ['shop.orders', [{ database: 'shop', tables: ['orders'] }]],
    ['shop.orders,shop.items,crm', [{ database: 'shop', tables: ['orders', 'items'] }, { database: 'crm', tables: null }]],
    ['shop,shop.orders', [{ database: 'shop', tables: null }]],
    ['shop.orders,shop', [{ database: 'shop', tables: null }]],
    ['`a,b`.`c.d`', [{ database: 'a,b', tables: ['c.d'] }]],
    ['`tick``s`', [{ database: 'tick`s', tables: null }]],
    [' 订单 . 表 ', [{ database: '订单', tables: ['表'] }]],
    ["it's %", [{ database: "it's %", tables: null }]],
  ])('%s', (text, databases) => {
    expect(parseScope(text)).toEqual({ kind: 'partial', databases });
  });

  it.each(['shop.', '.orders', 'shop,,crm', '`open', 'a.b.c', 'a`b'])('refuses %s', (text) => {
    expect(() => parseScope(text)).toThrow('db1,db2.table');
  });

  it('is the whole instance where nothing is named', () => {
    expect(parseScope('')).toEqual({ kind: 'instance' });
  });
});

describe('moments of the terminal', () => {
  const at = Date.UTC(2026, 10, 28, 15, 27, 38, 123);
  it.each(['en', 'zh-CN'] as const)('have one form, alone and within a sentence (%s)', (language) => {
    const told = terminalTranslator(language).message({ key: 'promotion.measured.pending', params: { standby: 's2', at: new Date(at).toISOString(), lost: 3 } });
    expect(moment(at)).toBe('2026-11-28 15:27:38 UTC');
    expect(told).toContain(moment(at));
    expect(told).not.toContain('.123');
  });
});

describe('numbers of the terminal', () => {
  it('takes ports and whole numbers within their bounds only', () => {
    expect(portNumber('3306')).toBe(3306);
    for (const wrong of ['0', '65536', '33.6', 'x', '-1']) expect(() => portNumber(wrong)).toThrow('1–65535');
    expect(() => wholeNumber(1, 6)('7')).toThrow('1–6');
  });
});

describe('exit codes', () => {
  it('tells usage, refusal, failure and interruption apart', () => {
    expect(exitCodeOf('not-found')).toBe(exitCodes.usage);
    expect(exitCodeOf('operation-locked')).toBe(exitCodes.refused);
    expect(exitCodeOf('precondition-failed')).toBe(exitCodes.refused);
    expect(exitCodeOf('login-refused')).toBe(exitCodes.failed);
    expect(exitCodeOf('cancelled')).toBe(exitCodes.interrupted);
  });
});

describe('what the terminal prints', () => {
  it('shows escape sequences of a server as text, never obeys them', () => {
    expect(safe('a\u001b[31mred\u0007\u0000b')).toBe('a\uFFFD[31mred\uFFFD\uFFFDb');
    expect(safe('line\nnext\tcell')).toBe('line\nnext\tcell');
  });

  it('keeps the server\'s own words under the text of an error', () => {
    const text = errorText(translator('en'), { code: 'login-refused', params: { user: 'root', host: 'db', port: 3306 }, detail: 'Access denied \u001b[2J', server: 'orders-gz' });
    expect(text).toContain('[orders-gz]');
    expect(text.split('\n')[1]).toBe('  Access denied \uFFFD[2J');
  });

  it('aligns Chinese and Latin columns', () => {
    expect(table([['主实例', 'a'], ['ab', 'b']])).toBe('主实例  a\nab      b');
  });

  it('never prints a number where nothing replicates', () => {
    const lag = { seconds: null, measure: null, toReceive: null, toApply: null, bytes: null, standbyAt: 0, sourceAt: null } as const;
    expect(lagText(translator('en'), { ...lag, state: 'not-replicating' })).toBe('not replicating');
    expect(lagText(translator('en'), { ...lag, state: 'behind', seconds: 1.234, measure: 'applier-timestamps', toReceive: 2, toApply: 3 })).toBe('1.23 s behind, 2 to receive, 3 to apply');
  });

  it('names the variable of an instance\'s password', () => {
    expect(passwordVariable('orders-gz')).toBe('ANTIPODE_PASSWORD_ORDERS_GZ');
  });
});
