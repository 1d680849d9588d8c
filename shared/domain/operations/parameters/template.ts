import { sameValue } from './compare';
import { nameOfToday } from '../../sql/variable-names';
import type { Keeping, ParameterChange } from './change';
import type { FileOption } from './option-file';
import { isChanged, type Parameter } from './parameter';

/** Settings under a name, to be applied to other servers. */
export interface ParameterTemplate {
  readonly id: string;
  readonly name: string;
  readonly settings: readonly FileOption[];
  /** Milliseconds since the epoch. */
  readonly savedAt: number;
  /** The instance that they were taken from, or the file; as text. */
  readonly from: string;
}

/** Most settings of a template, and most templates. */
export const mostSettings = 1000;
export const mostTemplates = 200;

/** What of a server's variables makes a template: what somebody set, and nothing that belongs to that server alone. */
export function templateOf(parameters: readonly Parameter[]): FileOption[] {
  return parameters
    .filter((one) => one.owner === null && isChanged(one) && !machineOnly.test(one.name))
    .map(({ name, value, persisted }) => ({ name, value: persisted ?? value }));
}

/**
 * What a template changes on a server, by the names that it has there. What another version has, what is so already, and what another part of
 * the program sets is none of a template's business.
 */
export function changesOf(settings: readonly FileOption[], parameters: readonly Parameter[], keep: Keeping): ParameterChange[] {
  const known = new Map(parameters.map((one) => [nameOfToday(one.name), one]));
  return settings.flatMap(({ name, value }): ParameterChange[] => {
    const one = known.get(nameOfToday(name));
    const lasts = one !== undefined && (!one.persistable || (one.persisted !== null && isSame(one.name, one.persisted, value)));
    const isSo = lasts && isSame(one.name, one.value, value);
    return one === undefined || one.owner !== null || isSo ? [] : [{ name: one.name, value, keep }];
  });
}

const isSame = (name: string, a: string, b: string): boolean => sameValue(name, a, b) !== 'different';

const machineOnly = /(?:dir|_path|_file|_basename|_index)$|^(?:pid_file|report_|ssl_|admin_ssl_|log_error$|general_log_file|slow_query_log_file|log_bin|secure_file_priv)/;
