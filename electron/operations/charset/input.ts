import * as v from 'valibot';
import { memoryKey } from '../../tasks/memory';

const table = v.object({
  database: v.string(),
  table: v.string(),
  bytes: v.number(),
  /** In this order, each behind ALTER TABLE and the table's name. */
  changes: v.array(v.string()),
  back: v.array(v.string()),
  /** The collation of the table, and of its texts, when it is done; `reread`: kept as bytes between the two changes. */
  collation: v.string(),
  /** `line`: the column as it was planned from; with another one by then nothing is changed. */
  columns: v.array(v.object({ name: v.string(), from: v.optional(v.string()), to: v.string(), reread: v.boolean(), line: v.string() })),
});

/** Its form in journals. */
export const charsetInput = v.object({
  instanceId: v.string(),
  name: v.string(),
  charset: v.string(),
  collation: v.string(),
  /** What the server had, and kept for its next start (null: it kept none); null: its default stays. Earlier versions did not look at what it kept. */
  server: v.nullable(v.object({
    charset: v.string(), collation: v.string(), persisted: v.optional(v.object({ charset: v.nullable(v.string()), collation: v.nullable(v.string()) })),
  })),
  databases: v.array(v.object({ database: v.string(), collation: v.string() })),
  components: v.array(v.object({ bound: v.boolean(), tables: v.array(table) })),
});

/** From which the task is built, again after a crash as well. */
export type CharsetInput = v.InferOutput<typeof charsetInput>;
export type TableInput = CharsetInput['components'][number]['tables'][number];

/** Tables that foreign keys bind and that are being converted: while it is kept some may be converted and others not. */
export const begunKey = memoryKey('bound-begun', v.array(v.string()));
