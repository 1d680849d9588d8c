import type { ServerVersion } from '../../fleet/version';
import { nameOfToday } from '../../sql/variable-names';
import { sameValue } from './compare';
import { message, type Message } from '../../../i18n/message';
import type { ManualPlace } from './known/manual';
import { groupOf, type ParameterGroup } from './groups';
import { hasSessionValue, isDynamic, isPersistable, isSet, isTextLikeSwitch, knownDefault, knownRange, manualOf, wordsOfVariable } from './known/variables';
import { isSecret, ownerOf, type ParameterOwner } from './owners';

/** Where a live value comes from, as performance_schema.variables_info says (8.0+). */
export const parameterSources = [
  'compiled', 'global', 'server', 'explicit', 'extra', 'user', 'login', 'command-line', 'persisted', 'dynamic',
] as const;
export type ParameterSource = (typeof parameterSources)[number];

type ParameterKind =
  | 'switch' | 'number' | 'words' | 'set' | 'text';

/** What a server says of a variable. */
export interface ReadVariable {
  readonly name: string;
  readonly value: string;
  /** What SET PERSIST keeps; null: nothing, or a version without it. */
  readonly persisted: string | null;
  /** null: before 8.0 no server says. */
  readonly source: ParameterSource | null;
  /** The option file; empty: none. */
  readonly file: string;
  readonly setBy: string | null;
  readonly setAt: string | null;
  readonly minimum: string | null;
  readonly maximum: string | null;
  /** The server's own words for it (9.x). */
  readonly text: string | null;
}

/** A global variable of a server with everything that is known of it. */
export interface Parameter extends ReadVariable {
  /** What it is where nobody set anything; null: not known. */
  readonly initial: string | null;
  readonly kind: ParameterKind;
  readonly choices: readonly string[] | null;
  /** null: not known; the server decides. */
  readonly dynamic: boolean | null;
  /** Whether the server can keep it over a restart by itself. */
  readonly persistable: boolean;
  /** Sessions that are open keep the value that they began with. */
  readonly perSession: boolean;
  readonly group: ParameterGroup;
  /** Where the manual of its series says what it is for; null: not known. */
  readonly manual: ManualPlace | null;
  /** Who else sets it; null: it is set here. */
  readonly owner: ParameterOwner | null;
}

/** Every variable of a server, as it is now. */
export interface ParameterList {
  readonly instanceId: string;
  readonly name: string;
  readonly version: string;
  /** SET PERSIST: what is set lasts by itself, and the server says where each value comes from (8.0+). */
  readonly persists: boolean;
  readonly parameters: readonly Parameter[];
}

/** Adds what is known of a variable to what its server says. `persists`: the server has SET PERSIST. */
export function describe(version: ServerVersion, persists: boolean, read: ReadVariable): Parameter {
  const { name, source } = read;
  const shown = <Text extends string | null>(text: Text): Text | string => (isSecret(name) && text !== null && text !== '' ? '***' : text);
  const value = shown(read.value);
  const choices = wordsOfVariable(name);
  return {
    ...read,
    ...(source === null && read.minimum === null ? knownRange(version, name) : null),
    value,
    persisted: shown(read.persisted),
    initial: source === 'compiled' ? value : knownDefault(version, name),
    kind: kindOf(name, value, choices),
    choices,
    dynamic: isDynamic(version, name),
    persistable: persists && (isDynamic(version, name) !== false || isPersistable(name)),
    perSession: hasSessionValue(name),
    group: groupOf(nameOfToday(name)),
    manual: manualOf(version, name),
    owner: ownerOf(nameOfToday(name)),
  };
}

function kindOf(name: string, value: string, choices: readonly string[] | null): ParameterKind {
  if (isSet(name)) return 'set';
  if (choices !== null) return 'words';
  if (/^-?\d+(\.\d+)?$/.test(value)) return 'number';
  return /^(ON|OFF)$/.test(value) && !isTextLikeSwitch(name) ? 'switch' : 'text';
}

/** What a number may be; before 8.0 no server says it: it is what another of its series takes, or not known, and that is said. null: it is no number. */
export function rangeOf({ kind, minimum, maximum, source }: Pick<Parameter, 'kind' | 'minimum' | 'maximum' | 'source'>): Message | null {
  const told = source === null ? 'parameters.detail.range-known' : 'parameters.detail.range-of';
  if (minimum !== null) return message(told, { least: minimum, most: maximum ?? '' });
  return kind === 'number' && source === null ? message('parameters.detail.range-untold') : null;
}

/** Whether somebody made it other than it is by itself. */
export function isChanged({ name, value, initial, persisted, source }: Parameter): boolean {
  if (persisted !== null) return true;
  if (initial !== null) return sameValue(name, value, initial) === 'different';
  return source !== null && source !== 'compiled';
}
