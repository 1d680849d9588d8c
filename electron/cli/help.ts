// What `--help` says of every command and option.
import type { Command, Option } from 'commander';
import { terminalHelp } from '../../shared/i18n/en/terminal-help';
import { terminalHelpOperations } from '../../shared/i18n/en/terminal-help-operations';
import type { Translator } from '../../shared/i18n/translate';

/** Every text of the help by its key. */
export const helpTexts = { ...terminalHelp, ...terminalHelpOperations };
type HelpKey = keyof typeof helpTexts;

const isKey = (key: string): key is HelpKey => Object.hasOwn(helpTexts, key);
const keyOf = (parts: readonly string[]): HelpKey | undefined => [`terminal.help.${parts.join('.')}`].find(isKey);

/** The text of an option: its command's own, else that of the nearest command above, else what it says wherever it stands. */
export function optionKey(path: readonly string[], { long }: Pick<Option, 'long'>): HelpKey | undefined {
  for (let at = path.length; at >= 0; at -= 1) {
    const key = keyOf([...path.slice(0, at), long ?? '']);
    if (key !== undefined) return key;
  }
  return undefined;
}

/** The text of a command, by its path; that of the program itself where there is none. */
export const commandKey = (path: readonly string[]): HelpKey | undefined => keyOf(path.length === 0 ? ['antipode'] : path);

/** Every command below one, with its path, itself first. */
export function* commandsOf(command: Command, path: readonly string[] = []): Generator<{ readonly command: Command; readonly path: readonly string[] }> {
  yield { command, path };
  for (const child of command.commands) yield* commandsOf(child, [...path, child.name()]);
}

/** Gives a program and all that stands below it their texts, in one language. */
export function describe(program: Command, t: Translator): void {
  for (const { command, path } of commandsOf(program)) {
    const key = commandKey(path);
    if (key !== undefined) command.description(t(key));
    for (const option of command.options) {
      const text = optionKey(path, option);
      if (text !== undefined) option.description = t(text);
    }
    command.helpOption('-h, --help', t('terminal.help.--help'));
    if (command.commands.length > 0) command.helpCommand('help [command]', t('terminal.help.--help'));
    command.configureHelp({ styleTitle: (title) => titled(title, t), optionDescription: (option) => described(option, t) });
  }
}

/** With what holds where it is not given. */
function described({ description, defaultValue, defaultValueDescription, negate }: Option, t: Translator): string {
  const known: unknown = defaultValueDescription ?? defaultValue;
  if (negate || (typeof known !== 'string' && typeof known !== 'number') || known === '' || known === 0) return description;
  return description + t('terminal.help.title.default', { value: String(known) });
}

/** The headings that commander prints, in the language of the rest. */
function titled(title: string, t: Translator): string {
  switch (title) {
    case 'Usage:':
      return t('terminal.help.title.usage');
    case 'Options:':
      return t('terminal.help.title.options');
    case 'Commands:':
      return t('terminal.help.title.commands');
    default:
      return title;
  }
}
