import { describe, expect, it } from 'vitest';
import { en } from '../../../shared/i18n/en';
import { formatMoment, momentsIn } from '../../../shared/i18n/moment';
import { zhCN } from '../../../shared/i18n/zh-CN';
import { translatorOf } from '../../../renderer/stores/language';

const chinese = Object.entries<string>(zhCN);

describe('the words of the Chinese texts', () => {
  // One word for one thing: the left is what was said beside the product's own word on the right.
  it.each([
    ['帐号', '账号'], ['源端', '源实例'], ['来源实例', '源实例'], ['灾备端', '灾备实例'], ['二进制日志', 'binlog'], ['从库', '副本'],
    ['应答', '响应'], ['本工作站', '本机'], ['选项文件', '配置文件'], ['撤回', '撤销'], ['多余事务', '异常事务'],
  ])('say %s nowhere: it is %s', (stray) => {
    expect(chinese.filter(([, text]) => text.includes(stray)).map(([key]) => key)).toEqual([]);
  });

  it('write brackets, the dots of a pause and the space beside Latin words in one way', () => {
    const crooked = chinese.filter(([, text]) => /\p{Script=Han} ?\([^)]*\)/u.test(text) || text.includes('……') || /\p{Script=Han}binlog|binlog\p{Script=Han}/u.test(text));
    expect(crooked.map(([key]) => key)).toEqual([]);
  });

  it('give units in Chinese where the text is a sentence', () => {
    expect(chinese.filter(([, text]) => /\} (?:ms|s)\b/.test(text)).map(([key]) => key)).toEqual([]);
  });
});

describe('a moment', () => {
  it.each([['zh-CN', '2026年11月30日 13:31:10.762 UTC'], ['en', 'Nov 30, 2026, 13:31:10.762 UTC']])('has its zone after the time in %s', (language, written) => {
    expect(formatMoment(language, 'UTC', Date.UTC(2026, 10, 30, 13, 31, 10, 762))).toBe(written);
  });
});

describe('the words an operator reads', () => {
  it('say that no right is missing, never "none"', () => {
    expect(en['promotion.measured.nothing-missing']).toBe('nothing missing');
    expect(zhCN['promotion.measured.nothing-missing']).toBe('不缺权限');
  });

  it('name the primary that was replaced in one way', () => {
    expect(chinese.filter(([, text]) => text.includes('旧主实例')).map(([key]) => key)).toEqual([]);
  });

  it('put "since" where the language has it', () => {
    expect(translatorOf('en')('sync.verify.since', { when: '6 min ago' })).toBe('since 6 min ago');
    expect(translatorOf('zh-CN')('sync.verify.since', { when: '6 分钟前' })).toBe('6 分钟前起');
  });

  it('show a moment in the zone of the reader, in every text that carries one', () => {
    const params = { holder: 'bob@db', since: '2026-11-27T03:52:08.000Z', kind: 'other', what: 'x' };
    const text = translatorOf('zh-CN', 'Asia/Shanghai')('errors.lock-held', params);
    expect(text).toContain('2026年11月27日');
    expect(text).toContain('11:52:08');
    expect(text).not.toContain('T03:52');
  });

  it.each(['2026-11-27', '2026-13-77T99:99:99Z', 'orders-gz', '2026-11-27T03:52:08.000Z and more', 7])('leaves %s as it is', (value) => {
    expect(momentsIn({ value }, () => 'another')).toEqual({ value });
  });
});
