import * as v from 'valibot';
import { explainForms } from '../domain/operations/sql/explain';
import { longestKeptName, longestRemembered, longestTabs, mostRemembered, mostTabs } from '../domain/operations/sql/kept';
import { copyFormats } from '../domain/operations/sql/copied';
import { longestSeconds, longestSql, mostFileRows, mostReleased, mostSeenRows } from '../domain/operations/sql/run';
import { id, identifier, name, phrase } from './inputs';

/** Input schemas of the methods of SQL operations. */

export const names = v.strictObject({ instanceId: id, database: v.nullable(identifier) });
export const request = v.strictObject({
  instanceId: id,
  text: v.pipe(v.string(), v.minLength(1), v.maxLength(longestSql)),
  database: v.nullable(identifier),
  write: v.boolean(),
  onError: v.picklist(['stop', 'go-on']),
  rows: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(mostFileRows)),
  keep: v.picklist(['report', 'file']),
  seconds: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(longestSeconds)),
});
export const explained = v.strictObject({
  instanceId: id,
  text: v.pipe(v.string(), v.minLength(1), v.maxLength(longestSql)),
  database: v.nullable(identifier),
  form: v.picklist(explainForms),
  seconds: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(longestSeconds)),
});
const keptName = v.pipe(name, v.maxLength(longestKeptName));
/** What was typed: no name yet, perhaps. */
const typedDatabase = v.pipe(v.string(), v.maxLength(64));
export const tabs = v.strictObject({
  instanceId: id,
  tabs: v.pipe(
    v.array(v.strictObject({ id, name: keptName, text: v.pipe(v.string(), v.maxLength(longestSql)), database: typedDatabase })), v.maxLength(mostTabs),
    v.check((tabs) => tabs.reduce((sum, { text }) => sum + text.length, 0) <= longestTabs), v.readonly(),
  ),
  active: v.pipe(v.string(), v.maxLength(64)),
});
export const forgotten = v.strictObject({ instanceId: id, ids: v.nullable(v.pipe(v.array(id), v.maxLength(mostRemembered), v.readonly())) });
export const favourite = v.strictObject({
  instanceId: id, name: keptName, text: v.pipe(v.string(), v.minLength(1), v.maxLength(longestRemembered)), database: typedDatabase,
});
/** The phrase is the instance's name where statements may write again. */
export const mark = v.strictObject({ instanceId: id, readOnly: v.boolean(), phrase });

const place = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(mostFileRows));
export const progress = v.strictObject({ planId: id, known: v.strictObject({ result: place, row: place }) });
const modes = v.strictObject({ ansiQuotes: v.optional(v.boolean(), false), noBackslashEscapes: v.optional(v.boolean(), false) });
export const seen = v.strictObject({ resultId: id, from: place, count: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(mostSeenRows)) });
export const cell = v.strictObject({ resultId: id, row: place, column: place });
export const copiedCells = v.strictObject({
  resultId: id, range: v.nullable(v.strictObject({ top: place, bottom: place, left: place, right: place })),
  format: v.picklist(copyFormats), names: v.boolean(), modes,
});
const suggestedName = v.pipe(v.string(), v.maxLength(200));
export const exported = v.strictObject({ resultId: id, exportId: id, format: v.picklist(copyFormats), modes, suggestedName });
export const savedValue = v.strictObject({ ...cell.entries, suggestedName });
export const released = v.strictObject({ resultIds: v.nullable(v.pipe(v.array(id), v.maxLength(mostReleased), v.readonly())) });
