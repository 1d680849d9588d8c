import * as v from 'valibot';
import { startCharacters } from '../domain/operations/import/lead-bytes';
import { importErrorWays, longestPath } from '../domain/operations/import/plan';
import {
  decimalMarks, delimiterPattern, escapeWays, guessedParts, lineEnds, mostFields, quoteMarks, rowEncodings,
} from '../domain/operations/import/rows/form';
import { rowModes } from '../domain/operations/import/rows/plan';
import { id, identifier } from './inputs';

const path = v.pipe(v.string(), v.minLength(1), v.maxLength(longestPath), v.check((text) => !text.includes('\0')));
const fromByte = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER));
const onError = v.picklist(importErrorWays);

/** A file on this workstation, of statements; `database` null: into those that it names. */
export const statements = v.strictObject({
  instanceId: id, path, database: v.nullable(identifier), onError, fromByte, characters: v.optional(v.nullable(v.picklist(startCharacters))),
});

/** How a file of rows is read. */
const form = v.strictObject({
  encoding: v.picklist(rowEncodings),
  delimiter: v.pipe(v.string(), v.maxLength(1), v.regex(delimiterPattern, 'one character beside letters, digits and quotes')),
  quote: v.nullable(v.picklist(quoteMarks)),
  escape: v.picklist(escapeWays),
  lineEnd: v.picklist(lineEnds),
  header: v.boolean(),
  decimal: v.picklist(decimalMarks),
  nulls: v.pipe(v.array(v.pipe(v.string(), v.maxLength(64))), v.maxLength(16), v.readonly()),
});

/** A file of rows whose beginning is looked at, with what of its form is chosen already. */
export const look = v.strictObject({ instanceId: id, path, database: v.nullable(identifier), table: v.nullable(identifier), form: v.partial(form) });

/** Rows of a file for a table. */
export const rows = v.strictObject({
  instanceId: id, path, database: identifier, table: identifier, form,
  guessed: v.optional(v.pipe(v.array(v.picklist(guessedParts)), v.maxLength(guessedParts.length), v.readonly())),
  mapping: v.pipe(v.array(v.nullable(identifier)), v.minLength(1), v.maxLength(mostFields), v.readonly()),
  hex: v.optional(v.pipe(v.array(identifier), v.maxLength(mostFields), v.readonly())),
  mode: v.picklist(rowModes), onError, fromByte,
});
