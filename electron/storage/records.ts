import * as v from 'valibot';
import type { Message } from '../../shared/i18n/message';

/** A record that did not pass the schema: where it was, why it failed, and itself. */
export interface BrokenRecord {
  /** `instances[3]` or `secrets.instance/7`. */
  readonly at: string;
  /** What people know it by, where it has a name. */
  readonly name: string;
  readonly reason: string;
  readonly record: unknown;
}

export type Fields = Readonly<Record<string, unknown>>;

/** True for a JSON object. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A text as it is kept: its key may be one that this version does not know, and is shown as it is then. */
export const keptMessage = v.custom<Message>((value) => isFields(value) && typeof value['key'] === 'string');

/**
 * Reads a document entry by entry, and lists and maps within it record by record, so that one broken record never hides
 * the rest. An entry that is missing takes its value from `empty`; one that is broken as a whole does too, and is
 * reported.
 */
export function parseRecords<Entries extends v.ObjectEntries>(
  schema: v.ObjectSchema<Entries, undefined>,
  raw: Fields,
  empty: v.InferOutput<v.ObjectSchema<Entries, undefined>>,
): { value: v.InferOutput<v.ObjectSchema<Entries, undefined>>; broken: BrokenRecord[] } {
  const broken: BrokenRecord[] = [];
  const fallback = empty as Fields;
  const value: Record<string, unknown> = {};
  for (const [key, entry] of Object.entries(schema.entries)) {
    const given = raw[key];
    if (given === undefined) {
      if (key in fallback) value[key] = fallback[key];
      continue;
    }
    const item = Array.isArray(given) ? memberSchema(entry, 'array', 'item') : isFields(given) ? memberSchema(entry, 'record', 'value') : null;
    if (item !== null && Array.isArray(given)) {
      value[key] = given.flatMap((record: unknown, index) => {
        const parsed = parseOne(item, record, `${key}[${index}]`, broken);
        return parsed === null ? [] : [parsed.value];
      });
    } else if (item !== null && isFields(given)) {
      value[key] = Object.fromEntries(Object.entries(given).flatMap(([name, record]) => {
        const parsed = parseOne(item, record, `${key}.${name}`, broken, name);
        return parsed === null ? [] : [[name, parsed.value]];
      }));
    } else {
      const parsed = parseOne(entry as v.GenericSchema, given, key, broken);
      if (parsed !== null) value[key] = parsed.value;
      else if (key in fallback) value[key] = fallback[key];
    }
  }
  return { value: value as v.InferOutput<v.ObjectSchema<Entries, undefined>>, broken };
}

function parseOne(schema: v.GenericSchema, record: unknown, at: string, broken: BrokenRecord[], name?: string): { value: unknown } | null {
  const parsed = v.safeParse(schema, record);
  if (parsed.success) return { value: parsed.output };
  const issue = parsed.issues[0];
  const path = v.getDotPath(issue);
  // The message of an issue quotes what was received; a record may be a secret's, so only the place and what was expected are kept.
  const reason = `${path ?? at}: ${issue.expected === null ? issue.type : `expected ${issue.expected}`}`;
  broken.push({ at, name: name ?? nameOf(record) ?? at, reason, record });
  return null;
}

function nameOf(record: unknown): string | null {
  if (!isFields(record)) return null;
  for (const key of ['name', 'id']) if (typeof record[key] === 'string' && record[key] !== '') return record[key];
  return null;
}

/** The schema of the members of a list or map schema (also inside a pipe, which carries the fields of its first part). */
function memberSchema(schema: unknown, type: 'array' | 'record', field: 'item' | 'value'): v.GenericSchema | null {
  if (!isFields(schema) || schema['type'] !== type) return null;
  return schema[field] as v.GenericSchema;
}
