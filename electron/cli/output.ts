import type { AppError } from '../../shared/errors/codes';
import { momentsIn } from '../../shared/i18n/moment';
import type { Language, Translator } from '../../shared/i18n/translate';
import type { MessageKey } from '../../shared/i18n/en';
import type { Message, MessageParams } from '../../shared/i18n/message';
import { isMessageKey, translator } from '../../shared/i18n/translate';

/** A moment (ms since the epoch) for people: one form in the whole terminal, and the same on every machine. */
export const moment = (at: number): string => `${new Date(at).toISOString().replace('T', ' ').slice(0, 19)} UTC`;

/** The texts of a language with every moment in them as the terminal writes it. */
export function terminalTranslator(language: Language): Translator {
  const texts = translator(language);
  const say = (key: MessageKey, params?: MessageParams): string => texts(key, params === undefined ? undefined : momentsIn(params, moment));
  return Object.assign(say, { language, message: ({ key, params }: Message): string => say(key, params) });
}

/** Where a command writes: results to stdout, progress to stderr. */
export interface Output {
  readonly json: boolean;
  readonly t: Translator;
  /** The result: with `--json` one object on stdout, else `human` prints it. */
  result(value: object, human: () => void): void;
  /** Something that happened, of a command that tells them one by one: a line for people, with `--json` an object on a line of its own. */
  event(value: object, human: string): void;
  line(text?: string): void;
  /** Progress for people who wait, on stderr so that stdout stays one object. */
  progress(text: string): void;
  /** `aftermath`: what is not as it was, although it failed. */
  error(error: AppError, aftermath?: AppError | null): void;
}

/** Text of an error: what happened, where, and the server's own words under it. */
export function errorText(t: Translator, error: AppError): string {
  const key: MessageKey = `errors.${error.code}`;
  const text = t(key, { ...error.params });
  const where = error.server === undefined ? '' : ` [${error.server}]`;
  return safe(error.detail === undefined ? `${text}${where}` : `${text}${where}\n  ${error.detail}`);
}

/** As {@link errorText}, and what to do about it under that. */
export function curedText(t: Translator, error: AppError): string {
  const key = `errors.${error.code}.cure`;
  const cure = isMessageKey(key) ? `\n  ${t(key, error.params as MessageParams)}` : '';
  return safe(`${errorText(t, error)}${cure}`);
}

/** Server text may hold escape sequences; a terminal must show them, not obey them. */
export function safe(text: string): string {
  // eslint-disable-next-line no-control-regex -- these are what must not reach a terminal
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/gu, '\uFFFD');
}

/** Makes the output of one run. */
export function createOutput(json: boolean, t: Translator): Output {
  const line = (text = ''): void => {
    process.stdout.write(`${safe(text)}\n`);
  };
  return {
    json,
    t,
    line,
    result(value, human) {
      if (json) process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
      else human();
    },
    event(value, human) {
      if (json) process.stdout.write(`${JSON.stringify(value)}\n`);
      else line(human);
    },
    progress(text) {
      process.stderr.write(`${safe(text)}\n`);
    },
    error(error, aftermath = null) {
      const more = aftermath === null ? {} : { aftermath: { ...aftermath, message: curedText(t, aftermath) } };
      if (json) process.stdout.write(`${JSON.stringify({ ok: false, error: { ...error, message: errorText(t, error) }, ...more }, null, 2)}\n`);
      else process.stderr.write(`${[error, ...(aftermath === null ? [] : [aftermath])].map((one) => curedText(t, one)).join('\n')}\n`);
    },
  };
}

/** Columns aligned by their displayed width; Chinese characters take two cells. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, index) => { widths[index] = Math.max(widths[index] ?? 0, displayWidth(cell)); });
  return rows
    .map((row) => row.map((cell, index) => cell + ' '.repeat(Math.max(0, (widths[index] ?? 0) - displayWidth(cell)))).join('  ').trimEnd())
    .join('\n');
}

/** Characters of two columns: those of East Asian scripts and their punctuation. */
const wide = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u;

function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) width += wide.test(character) ? 2 : 1;
  return width;
}
