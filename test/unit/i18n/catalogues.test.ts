import { describe, expect, it } from 'vitest';
import { IntlMessageFormat } from 'intl-messageformat';
import { en } from '../../../shared/i18n/en';
import { zhCN } from '../../../shared/i18n/zh-CN';

type Elements = ReturnType<IntlMessageFormat['getAst']>;

/** Names of the arguments of a parsed message, those inside plural and select branches included. */
function placeholders(elements: Elements): string[] {
  return elements.flatMap((element) => {
    if (element.type === 0 || element.type === 7) return [];
    const inside = 'options' in element ? Object.values(element.options).flatMap((option) => placeholders(option.value)) : [];
    return [element.value, ...inside];
  });
}

describe.each([['en', en], ['zh-CN', zhCN]] as const)('the texts of %s', (language, catalogue) => {
  it('are all well-formed messages', () => {
    const broken = Object.entries(catalogue).filter(([, text]) => {
      try {
        new IntlMessageFormat(text, language, undefined, { ignoreTag: true });
        return false;
      } catch {
        return true;
      }
    });
    expect(broken.map(([key]) => key)).toEqual([]);
  });

  it('name the same placeholders as the other language', () => {
    const other: Readonly<Record<string, string>> = language === 'en' ? zhCN : en;
    const names = (text: string): string[] => [...new Set(placeholders(new IntlMessageFormat(text, language, undefined, { ignoreTag: true }).getAst()))].sort();
    const different = Object.entries(catalogue).filter(([key, text]) => names(text).join() !== names(other[key] ?? '').join());
    expect(different.map(([key]) => key)).toEqual([]);
  });
});
