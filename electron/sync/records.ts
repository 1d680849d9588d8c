import * as v from 'valibot';
import type { CheckReport } from '../../shared/domain/checks/check';
import type { PartialScope, ScopePart } from '../../shared/domain/scope/change';
import type { SyncSpec } from '../../shared/domain/sync/sync';
import { partialScope } from '../../shared/contract/inputs';
import { isSameObject, type RefusedRights } from '../../shared/domain/scope/left-out';
import { objectKinds, type NamedObject } from '../../shared/domain/scope/named-objects';
import { specSchema } from '../replication/sync-spec';
import { openDocument } from '../storage/document';
import { isFields } from '../storage/records';
import type { Document } from '../storage/types';

/** A report is shown as it was made; only its outline is checked when it is read back. */
const report = v.custom<CheckReport>((value) => isFields(value) && Array.isArray(value['results']) && typeof value['startedAt'] === 'number');

/** @see ScopePart */
const part = v.object({ database: v.string(), tables: v.nullable(v.array(v.string())), except: v.array(v.string()) });

const record = v.object({
  id: v.string(),
  spec: specSchema,
  /** The seed that was proposed or chosen by the last checks. */
  seed: v.nullable(v.picklist(['copy', 'clone', 'adopt'])),
  outcome: v.picklist(['created', 'linked', 'superseded']),
  /** The last run, among the tasks of the task engine. */
  taskId: v.nullable(v.string()),
  lastReport: v.nullable(report),
  createdAt: v.number(),
  /** Taken out of the scope and left on the standby. */
  released: v.optional(v.array(part), []),
  /** Where the change of scope leads that its last run is. */
  changingTo: v.optional(v.nullable(partialScope), null),
  /** Filters that a restart of the standby took away are set again without a word of the user's. */
  restoresFilters: v.optional(v.boolean(), false),
  /** The user stopped its replication: nothing but the user starts it again. */
  held: v.optional(v.boolean(), false),
  /** Passing over a transaction has stopped the receiver, which is to run again; the application may die, or the server go away, before it does. */
  receiverDue: v.optional(v.boolean(), false),
  /** What its first copy left out, as far as it is not there by now. */
  leftOut: v.optional(v.array(v.object({
    kind: v.picklist(objectKinds), database: v.string(), name: v.string(), why: v.nullable(v.string()), at: v.number(),
  })), []),
  /**
   * Left out no more, or left out with something on record, with rights that may be others on the standby than on the source; `refused`: what
   * the standby would not take of them; `revoked`: accounts of which a statement that was passed over took some; `waits`: it is on the standby,
   * and the rights on it could not be compared, or brought over, yet.
   */
  rightsDue: v.optional(v.array(v.object({
    kind: v.picklist(objectKinds), database: v.string(), name: v.string(),
    refused: v.optional(v.array(v.object({ sql: v.string(), why: v.string() })), []), revoked: v.optional(v.array(v.string()), []),
    waits: v.optional(v.boolean(), false),
  })), []),
  /** Statements on that which the standby did not run; the last ones are kept, all are counted. */
  passed: v.optional(v.object({
    count: v.number(),
    last: v.array(v.object({
      gtid: v.string(), object: v.object({ kind: v.picklist(objectKinds), database: v.string(), name: v.string() }), inPart: v.boolean(), at: v.number(),
    })),
  }), { count: 0, last: [] }),
  /** Transactions were passed over since it was last proven that both sides hold the same. */
  needsVerification: v.optional(v.nullable(v.object({ since: v.number(), gtids: v.array(v.string()), accounts: v.optional(v.array(v.string()), []) })), null),
  /** The last comparison that the user ordered found both sides different. */
  differs: v.optional(v.nullable(v.object({ at: v.number(), tables: v.string() })), null),
  /** When and where both sides were last found equal by a comparison that the user ordered. */
  verified: v.optional(v.nullable(v.object({ at: v.number(), gtidSet: v.string() })), null),
});

const schema = v.object({ tasks: v.array(record) });

/** What is kept of one sync task. */
export type SyncRecord = v.InferOutput<typeof record>;
export type SyncDocument = v.InferOutput<typeof schema>;

/** Opens `sync.json` of the data folder. */
export function openRecords(dataFolder: string): Document<SyncDocument> {
  return openDocument({ dataFolder, name: 'sync', version: 1, askedOften: true, schema, empty: { tasks: [] } });
}

/** A spec as it is kept. */
export function mutableSpec(spec: SyncSpec): SyncRecord['spec'] {
  const scope: SyncRecord['spec']['scope'] =
    spec.scope.kind === 'instance' ? { kind: 'instance' } : {
      kind: 'partial', databases: spec.scope.databases.map(({ database, tables }) => ({ database, tables: tables === null ? null : [...tables] })),
    };
  return { ...spec, scope };
}

/** The names of what differs between two specs of one task, separated by commas, for the audit log; empty: nothing. */
export function changedParts(before: SyncSpec, after: SyncSpec): string {
  const parts = ['name', 'scope', 'seed', 'acceptWarnings', 'eraseTarget', 'copyRateMb', 'accounts', 'delaySeconds'] as const;
  return parts.filter((part) => JSON.stringify(before[part]) !== JSON.stringify(after[part])).join(', ');
}

/** The record of a task that was never started. */
export function newRecord(id: string, spec: SyncSpec, createdAt: number): SyncRecord {
  return {
    id, spec: mutableSpec(spec), seed: null, outcome: 'created', taskId: null, lastReport: null, createdAt, released: [], changingTo: null,
    restoresFilters: false, held: false, receiverDue: false, leftOut: [], rightsDue: [], passed: { count: 0, last: [] },
    needsVerification: null, differs: null, verified: null,
  };
}

/** A record once its link carries another scope; `removed` stays on the standby and is no longer protected. */
export function withScope(record: SyncRecord, scope: PartialScope, removed: readonly ScopePart[]): SyncRecord {
  const released = [
    ...record.released,
    ...removed.map(({ database, tables, except }) => ({ database, tables: tables === null ? null : [...tables], except: [...except] })),
  ];
  return { ...record, spec: mutableSpec({ ...record.spec, scope }), released };
}

/** The rights that a standby would not take. */
export function refusedIn({ rightsDue }: Pick<SyncRecord, 'rightsDue'>): readonly RefusedRights[] {
  return rightsDue.flatMap(({ kind, database, name, refused }) => refused.map((one) => ({ kind, database, name, ...one })));
}

/** What is on the standby, and left out no more, with rights that may be others there than on the source. Those that it would not take are apart. */
export function waitingIn({ rightsDue, leftOut }: Pick<SyncRecord, 'rightsDue' | 'leftOut'>): readonly NamedObject[] {
  const found = rightsDue.filter((one) => one.waits && one.refused.length === 0 && !leftOut.some((other) => isSameObject(one, other)));
  return found.map(({ kind, database, name }) => ({ kind, database, name }));
}
