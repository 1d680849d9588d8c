// `--help`: every command and every option says what it does, in both languages.
import { describe, expect, it } from 'vitest';
import { commandKey, commandsOf, helpTexts, optionKey } from '../../../electron/cli/help';
import { terminalTranslator } from '../../../electron/cli/output';
import { terminalProgram } from '../../../electron/cli/program';

const programIn = (language: 'en' | 'zh-CN') => terminalProgram(() => () => Promise.resolve(), terminalTranslator(language));

describe('the help of the terminal', () => {
  it('has a text for every command and every option, and none for what is not there', () => {
    const [missing, used]: [string[], Set<string>] = [[], new Set()];
    for (const { command, path } of commandsOf(programIn('en'))) {
      const keys = [[path.join(' '), commandKey(path)], ...command.options.map((option) => [`${path.join(' ')} ${option.flags}`, optionKey(path, option)])] as const;
      for (const [name, key] of keys) {
        if (key === undefined) missing.push(name ?? '');
        else used.add(key);
      }
    }
    expect(missing).toEqual([]);
    expect(Object.keys(helpTexts).filter((key) => !used.has(key) && !/\.(?:title\.\w+|--help)$/.test(key))).toEqual([]);
  });

  it('says nothing of an option again that it says above it, and of a failback, whose steps are done at once, nothing of the background', () => {
    const languages = (['en', 'zh-CN'] as const).map((language) => terminalTranslator(language));
    const above = (key: string): string[] => {
      const parts = key.replace('terminal.help.', '').split('.');
      const path = parts.slice(0, -2);
      const found = parts.length < 2 ? undefined : optionKey(path, { long: parts.at(-1) ?? '' });
      return found === undefined ? [] : languages.map((t) => t(found));
    };
    const again = (Object.keys(helpTexts) as (keyof typeof helpTexts)[]).filter((key) => key.includes('.--') && above(key).some((text, at) => text === languages[at]?.(key)));
    expect(again).toEqual([]);
    for (const verb of ['start', 'go-on']) expect(optionKey(['failback', verb], { long: '--wait' })).toBe('terminal.help.failback.--wait');
  });

  it('is in one language throughout', () => {
    for (const { command } of commandsOf(programIn('zh-CN'))) {
      const help = command.helpInformation();
      expect(help).not.toMatch(/^(?:Usage|Options|Commands|Arguments):|display help/m);
      for (const { description, flags } of command.options) expect(`${flags} ${description}`).toMatch(/\p{Script=Han}/u);
    }
  });
});
