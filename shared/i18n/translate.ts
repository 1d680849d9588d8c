import { IntlMessageFormat } from 'intl-messageformat';
import { en } from './en';
import { zhCN } from './zh-CN';
import type { MessageKey } from './en';
import type { Message, MessageParams } from './message';

/** The languages of the product. */
export const languages = ['zh-CN', 'en'] as const;
export type Language = (typeof languages)[number];

/** Turns keys and messages into text of one language. */
export interface Translator {
  readonly language: Language;
  /** Text of a key, its placeholders (ICU MessageFormat) filled. */
  (key: MessageKey, params?: MessageParams): string;
  /** Text of a {@link Message}. */
  message(message: Message): string;
}

const catalogues: Record<Language, Readonly<Record<MessageKey, string>>> = { en, 'zh-CN': zhCN };

/** Makes a translator; parsed messages are kept, so a text is parsed once. */
export function translator(language: Language): Translator {
  const formats = new Map<MessageKey, IntlMessageFormat>();
  const translate = (key: MessageKey, params?: MessageParams): string => {
    let format = formats.get(key);
    if (format === undefined) {
      // Texts hold SQL and placeholders such as <name>: `<` is a character here, never a tag.
      format = new IntlMessageFormat(catalogues[language][key], language, undefined, { ignoreTag: true });
      formats.set(key, format);
    }
    return String(format.format(params));
  };
  return Object.assign(translate, {
    language,
    message: (message: Message): string => translate(message.key, message.params),
  });
}

/** Whether a key is in the catalogue, for keys that are put together (`errors.<code>`, `problems.<code>.cure`). */
export function isMessageKey(key: string): key is MessageKey {
  return Object.hasOwn(en, key);
}

/** The product's language for a system locale: Chinese for any `zh`, else English. */
export function languageOf(locale: string): Language {
  return locale.toLowerCase().startsWith('zh') ? 'zh-CN' : 'en';
}
