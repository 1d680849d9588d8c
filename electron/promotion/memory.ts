import * as v from 'valibot';
import { scope } from '../../shared/contract/inputs';
import type { Loss } from '../../shared/domain/promotion/promotion';
import { wholeInstance, type Scope } from '../../shared/domain/scope/scope';
import { keptEvents } from '../replication/events';
import { keptSemiSync } from '../replication/semi-sync';
import { keptMessage } from '../storage/records';
import { memoryKey } from '../tasks/memory';
import type { TaskMemory } from '../tasks/types';
import type { BeforeFence } from './steps/fence';
import type { LinkShape } from '../replication/link-settings';

const beforeFence: v.GenericSchema<unknown, BeforeFence> = v.object({
  readOnly: v.boolean(),
  superReadOnly: v.boolean(),
  eventScheduler: v.nullable(v.string()),
  persisted: v.object({ readOnly: v.nullable(v.string()), superReadOnly: v.nullable(v.string()) }),
});

const linkShape: v.GenericSchema<unknown, LinkShape> = v.object({
  user: v.string(),
  tls: v.boolean(),
  caFile: v.string(),
  verifyCertificate: v.boolean(),
  connectRetrySeconds: v.number(),
  heartbeatSeconds: v.number(),
  channel: v.string(),
});

/** The form of a loss in memories and reports. */
export const keptLoss: v.GenericSchema<unknown, Loss> = v.object({
  kind: v.picklist(['exact', 'at-least', 'unknown']),
  count: v.number(),
  set: v.string(),
  unseenFrom: v.nullable(v.number()),
  filtered: v.boolean(),
});

/** What a promotion keeps durably; times are milliseconds since the epoch, sets are as the server writes them. */
export const memory = {
  /** The sets of both servers before anything was done, for whoever has to read the journal after a disaster. */
  notedSets: memoryKey('noted-sets', v.object({ source: v.string(), standby: v.string() })),
  before: memoryKey('before-fence', beforeFence),
  beforeStandby: memoryKey('before-standby', beforeFence),
  /** How the old primary was before an emergency promotion fenced it. */
  sourceFenced: memoryKey('source-fenced', beforeFence),
  shape: memoryKey('link-shape', linkShape),
  /** What the pair replicates, as it was noted before anything was changed: the reverse link carries just that. */
  /** The account that this operation made for the way back, and where replication does not bring it, planted on the standby. */
  madeAccount: memoryKey('made-account', v.object({ user: v.string(), planted: v.boolean() })),
  scope: memoryKey<Scope>('scope', scope),
  events: memoryKey('events', keptEvents),
  /** Semi-synchronous replication of both servers before anything was changed; of the source none in an emergency. */
  semiSync: memoryKey('semi-sync', v.object({ source: keptSemiSync, standby: keptSemiSync })),
  fenceSentAt: memoryKey('fence-sent-at', v.number()),
  /** The fence of the old primary may have been made to survive its restart. */
  persisted: memoryKey('fence-persisted', v.boolean()),
  promotionSet: memoryKey('promotion-set', v.string()),
  /** The standby may be open from here on. */
  openingAt: memoryKey('opening-at', v.number()),
  openedAt: memoryKey('opened-at', v.number()),
  outageMs: memoryKey('outage-ms', v.nullable(v.number())),
  oldFollows: memoryKey('old-follows', v.boolean()),
  /** By id of another replica: which of its threads are to run, as it was before it was pointed elsewhere. */
  threads: memoryKey('replica-threads', v.record(v.string(), v.object({ receiver: v.boolean(), applier: v.boolean() }))),
  /** What the report says besides the steps. */
  notes: memoryKey('notes', v.array(keptMessage)),
  /** What is lost, as far as it is proven. */
  loss: memoryKey('loss', keptLoss),
  /** Received and thrown away on order; received in part only. */
  discarded: memoryKey('discarded', v.string()),
  incomplete: memoryKey('incomplete', v.string()),
  /** The standby's channel in an emergency promotion, and whether its threads ran. */
  channel: memoryKey('channel', v.string()),
  receiverRan: memoryKey('receiver-ran', v.boolean()),
  /** The delay that was ended, seconds, and that its receiver was started for that. */
  delay: memoryKey('delay', v.number()),
  receiverStarted: memoryKey('receiver-started', v.boolean()),
  applierRan: memoryKey('applier-ran', v.boolean()),
};

/** The scope of the pair. */
export function notedScope(context: TaskMemory): Scope {
  return context.recall(memory.scope) ?? wholeInstance;
}
