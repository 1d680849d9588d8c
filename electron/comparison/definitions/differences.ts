import { keyOf, type DefinedObject, type Definition } from '../../copy/schema/defined';
import { isSameRelease, normalForm, type Printer } from './normal';

/** An object that is not the same on both sides. */
export interface DefinitionDifference extends DefinedObject {
  /** The part that differs; `absent`: the standby has no such object, `extra`: only the standby has it. */
  readonly part: string;
  /** Where they part ways, some words of each. */
  readonly source: string;
  readonly target: string;
}

/** Something that a task left out; `TABLE` stands for views too. */
export interface LeftOutObject {
  readonly kind: string;
  readonly database: string;
  readonly name: string;
}

/** What one server has. */
export interface Side {
  readonly printer: Printer;
  readonly definitions: readonly Definition[];
}

/** Words that are shown of each side. */
const shownWords = 8;

/**
 * What differs between two sides, each with the server that prints it. What was left out by name is not missed where it is not there.
 */
export function differencesOf(
  source: Side,
  target: Side,
  leftOut: readonly LeftOutObject[],
): readonly DefinitionDifference[] {
  const there = new Map(target.definitions.map((definition) => [keyOf(definition), definition]));
  const here = new Set(source.definitions.map(keyOf));
  const found: DefinitionDifference[] = [];
  for (const definition of source.definitions) {
    const { kind, database, name } = definition;
    const copy = there.get(keyOf(definition));
    if (copy !== undefined) found.push(...differencesIn(definition, source.printer, copy, target.printer));
    else if (!leftOut.some((one) => isLeftOut(one, definition))) found.push({ kind, database, name, part: 'absent', source: '', target: '' });
  }
  for (const { kind, database, name, ...rest } of target.definitions) {
    if (!here.has(keyOf({ kind, database, name, ...rest }))) found.push({ kind, database, name, part: 'extra', source: '', target: '' });
  }
  return found;
}

function isLeftOut(one: LeftOutObject, { kind, database, name }: DefinedObject): boolean {
  const isSameKind = one.kind === kind || (one.kind === 'TABLE' && kind === 'VIEW');
  return isSameKind && one.database === database && one.name.toLowerCase() === name.toLowerCase();
}

function differencesIn(source: Definition, here: Printer, target: Definition, there: Printer): readonly DefinitionDifference[] {
  const { kind, database, name } = source;
  if (isSameRelease(here, there) && JSON.stringify(source.parts) === JSON.stringify(target.parts)) return [];
  const [one, other] = [normalForm(source, here, there), normalForm(target, there, here)];
  const parts = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  const part = parts.find((each) => JSON.stringify(one[each]) !== JSON.stringify(other[each]));
  if (part === undefined) return [];
  const [left, right] = [one[part] ?? [], other[part] ?? []];
  const at = left.findIndex((word, index) => word !== right[index]);
  const from = Math.max(0, (at === -1 ? left.length : at) - 2);
  const excerpt = (words: readonly string[]): string => words.slice(from, from + shownWords).join(' ').slice(0, 160);
  return [{ kind, database, name, part, source: excerpt(left), target: excerpt(right) }];
}
