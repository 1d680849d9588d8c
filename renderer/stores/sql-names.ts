import { create } from 'zustand';
import { databasesOf, optionsFor, typedAt, type NameOption } from '../../shared/domain/operations/sql/completion';
import type { SchemaNames } from '../../shared/domain/operations/sql/names';
import { api } from '../api';
import type { CallError } from '../api';

/** Names of an instance that were read, by the key of {@link keyOf}, and why they could not be. */
interface KnownNames {
  readonly at: number;
  readonly names: SchemaNames | null;
  readonly error: CallError | null;
}

/** What others create is seen after so long; what failed is tried again sooner. */
const keptMs = 300_000;
const failedMs = 30_000;
export const useSqlNames = create<Readonly<Record<string, KnownNames>>>(() => ({}));
const underWay = new Map<string, Promise<KnownNames>>();

const beginOf = (instanceId: string): string => `${JSON.stringify(instanceId)} `;
const keyOf = (instanceId: string, database: string | null): string => beginOf(instanceId) + JSON.stringify(database);

/** Why names of an instance are not there to complete with; null: nothing was missed. */
export function useNamesError(instanceId: string): CallError | null {
  return useSqlNames((state) => Object.entries(state).find(([key, { error }]) => error !== null && key.startsWith(beginOf(instanceId)))?.[1].error ?? null);
}

/** Forgets the names of an instance: something ran that may have changed them. */
export function forgetNames(instanceId: string): void {
  const begin = beginOf(instanceId);
  for (const key of [...underWay.keys()]) if (key.startsWith(begin)) underWay.delete(key);
  useSqlNames.setState((state) => Object.fromEntries(Object.entries(state).filter(([key]) => !key.startsWith(begin))), true);
}

async function namesOf(instanceId: string, database: string | null): Promise<SchemaNames | null> {
  const key = keyOf(instanceId, database);
  const known = useSqlNames.getState()[key];
  if (known !== undefined && Date.now() - known.at < (known.names === null ? failedMs : keptMs)) return known.names;
  const reading = underWay.get(key) ?? read(instanceId, database);
  underWay.set(key, reading);
  const found = await reading;
  // Forgotten meanwhile: what was read may be older than what changed it.
  if (underWay.get(key) === reading) {
    underWay.delete(key);
    useSqlNames.setState({ [key]: found });
  }
  return found.names;
}

async function read(instanceId: string, database: string | null): Promise<KnownNames> {
  const answer = await api.sql.names({ instanceId, database });
  return answer.ok ? { at: Date.now(), names: answer.value, error: null } : { at: Date.now(), names: null, error: answer.error };
}

/** What may stand at a place of a text, and where what is typed of it begins. */
export interface NamesAt {
  readonly from: number;
  readonly to: number;
  readonly options: readonly NameOption[];
}

/** The names that may stand at a place of a text; null: none. `asked`: by the user, and not by each key. Reads of the server what is not known yet. */
export async function namesAt(instanceId: string, database: string | null, text: string, at: number, asked: boolean): Promise<NamesAt | null> {
  const typed = typedAt(text, at);
  if (typed === null || (!asked && typed.from === at && typed.path.length === 0)) return null;
  const current = typed.database ?? database;
  const here = await namesOf(instanceId, current);
  if (here === null) return null;
  const names = new Map(current === null ? [] : [[current, here]]);
  for (const other of databasesOf(typed, here.databases)) {
    const found = names.has(other) ? null : await namesOf(instanceId, other);
    if (found !== null) names.set(other, found);
  }
  return { from: typed.from, to: typed.to, options: optionsFor(typed, names, here.databases, current) };
}
