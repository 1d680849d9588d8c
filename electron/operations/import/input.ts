import * as v from 'valibot';
import { partKinds } from '../../../shared/domain/operations/import/parts';
import { startCharacters } from '../../../shared/domain/operations/import/lead-bytes';
import { importErrorWays } from '../../../shared/domain/operations/import/plan';
import { decimalMarks, escapeWays, lineEnds, quoteMarks, rowEncodings } from '../../../shared/domain/operations/import/rows/form';
import { rowModes } from '../../../shared/domain/operations/import/rows/plan';
import { memoryKey } from '../../tasks/memory';

/** Of rows for a table; `basis`: what was known of the table, which must be so still. */
const rowsInput = v.object({
  table: v.string(),
  form: v.object({
    encoding: v.picklist(rowEncodings), delimiter: v.string(), quote: v.nullable(v.picklist(quoteMarks)), escape: v.picklist(escapeWays),
    lineEnd: v.picklist(lineEnds), header: v.boolean(), decimal: v.picklist(decimalMarks), nulls: v.pipe(v.array(v.string()), v.readonly()),
  }),
  mapping: v.pipe(v.array(v.nullable(v.string())), v.readonly()),
  hex: v.optional(v.pipe(v.array(v.string()), v.readonly())),
  mode: v.picklist(rowModes),
  basis: v.string(),
});
export type RowsInput = v.InferOutput<typeof rowsInput>;

/** A file of a folder. */
const dumpPart = v.object({
  name: v.string(), kind: v.picklist(partKinds), database: v.nullable(v.string()), size: v.number(), changedAt: v.number(), touchedAt: v.number(),
  format: v.picklist(['plain', 'gzip', 'zstd']), preamble: v.string(), load: v.optional(v.string()),
  bytes: v.optional(v.number()),
});

/** Its form in journals. */
export const importInput = v.object({
  instanceId: v.string(),
  name: v.string(),
  /** Of the row that tells on the server how far it is. */
  importId: v.string(),
  file: v.object({
    path: v.string(), size: v.number(), changedAt: v.number(), touchedAt: v.optional(v.number()), format: v.picklist(['plain', 'gzip', 'zstd', 'folder']),
    parts: v.optional(v.pipe(v.array(dumpPart), v.readonly())),
  }),
  database: v.nullable(v.string()),
  onError: v.picklist(importErrorWays),
  fromByte: v.number(),
  /** In which the file begins, as it was said. */
  characters: v.optional(v.nullable(v.picklist(startCharacters))),
  statements: v.number(),
  /** What is taken away with the word for it, by its kind and name. */
  confirmed: v.optional(v.array(v.string())),
  /** What the file makes and takes away behind that. */
  remade: v.optional(v.array(v.string())),
  /** The file is one of rows, and no statements. */
  rows: v.optional(rowsInput),
});

/** From which the task is built, again after a crash as well. */
export type ImportInput = v.InferOutput<typeof importInput>;

const position = v.object({ at: v.number(), line: v.number(), statements: v.number(), rows: v.number() });
/** Up to where a file is applied and committed: the byte, the line of the last statement, how many statements, how many rows they touched. */
export type Position = v.InferOutput<typeof position>;

/** As the journal knows it, which may be behind what the server says. */
export const positionKey = memoryKey('imported', position);

const failedStatement = v.object({ line: v.number(), at: v.number(), statement: v.string(), errno: v.number(), detail: v.string() });
/** What the server refused where the import goes on: how many, and the first of them. */
export const errorsKey = memoryKey('importErrors', v.object({
  count: v.number(), first: v.array(failedStatement),
  /** Where the last of them stands: it is told once, however often it is met. */
  last: v.optional(v.number()),
}));

/** Statements of rows that the server took with warnings: how many, the lines of the first, and where the last of them stands. */
export const noticesKey = memoryKey('importNotices', v.object({ count: v.number(), lines: v.pipe(v.array(v.number()), v.readonly()), last: v.number() }));

/** What was made of that which is taken away later, before it was made. */
export const madeKey = memoryKey('importMade', v.array(v.string()));

const objectName = v.object({ database: v.string(), table: v.nullable(v.string()) });
/** Of what a definition was refused: what is said of it behind is not sent. `told`: of which of them that was said. */
export const brokenKey = memoryKey('importBroken', v.object({ objects: v.array(objectName), told: v.array(objectName) }));
