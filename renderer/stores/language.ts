import { useMemo } from 'react';
import type { MessageKey } from '../../shared/i18n/en';
import type { Message, MessageParams } from '../../shared/i18n/message';
import { formatMoment, momentsIn } from '../../shared/i18n/moment';
import { languageOf, translator } from '../../shared/i18n/translate';
import type { Language, Translator } from '../../shared/i18n/translate';
import { useSettings } from './settings';
import type { SettingsState } from './settings';

const made = new Map<string, Translator>();

/** Params in which every name has a value, for a text that asks for one that was not sent. */
function padded(params: MessageParams | undefined): MessageParams {
  return new Proxy<Record<string, string | number>>({ ...params }, { has: () => true, get: (target, name) => target[String(name)] ?? '…' });
}

/**
 * A translator that never throws: a text whose placeholder was not sent shows `…` there and is reported on the console.
 * A page with a hole in one sentence serves its reader; a page that is gone does not. Moments among the params are shown in the zone.
 */
function lenient(strict: Translator, timeZone: string): Translator {
  const translate = (key: MessageKey, sent?: MessageParams): string => {
    const params = sent === undefined ? undefined : momentsIn(sent, (at, toTheSecond) => formatMoment(strict.language, timeZone, at, toTheSecond));
    try {
      return strict(key, params);
    } catch (fault) {
      console.error(fault);
      return strict(key, padded(params));
    }
  };
  return Object.assign(translate, { language: strict.language, message: (message: Message): string => translate(message.key, message.params) });
}

/** The translator of a language, with moments in a zone (IANA name); made once. */
export function translatorOf(language: Language, timeZone = 'UTC'): Translator {
  const name = `${language} ${timeZone}`;
  let found = made.get(name);
  if (found === undefined) {
    found = lenient(translator(language), timeZone);
    made.set(name, found);
  }
  return found;
}

/** The language in force: the user's choice, else the system's. */
export function languageIn({ settings, info }: Pick<SettingsState, 'settings' | 'info'>): Language {
  if (settings.language !== 'system') return settings.language;
  return info?.systemLanguage ?? languageOf(navigator.language);
}

/** Texts in the language in force: `const t = useText(); t('common.cancel'); t.message(check.title)`. */
export function useText(): Translator {
  return translatorOf(useSettings(languageIn), useTimeZone());
}

/** The zone of the window, for as long as the engine has not told that of the system: asked once, as every text on the page asks here. */
const zoneOfWindow = Intl.DateTimeFormat().resolvedOptions().timeZone;

function timeZoneIn({ settings, info }: Pick<SettingsState, 'settings' | 'info'>): string {
  return settings.timeZone === 'utc' ? 'UTC' : (info?.timeZone ?? zoneOfWindow);
}

/** The time zone that times are shown in, IANA name. */
export function useTimeZone(): string {
  return useSettings(timeZoneIn);
}

/** Number formatting of the language in force, grouped: 1,234,567. */
export function useNumber(): (value: number, maximumFractionDigits?: number) => string {
  const { language } = useText();
  return useMemo(() => (value, maximumFractionDigits = 0) => new Intl.NumberFormat(language, { maximumFractionDigits }).format(value), [language]);
}
