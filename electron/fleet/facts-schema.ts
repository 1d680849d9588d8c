import * as v from 'valibot';
import type { InstanceFacts, ReplicaChannel, ServerFacts } from '../../shared/domain/fleet/facts';
import { lockKinds } from '../../shared/domain/tasks/lock-holder';

// The form of `InstanceFacts` on disk: a reading of an earlier run is data from outside like any other.

const list = <Item extends v.GenericSchema>(item: Item) => v.pipe(v.array(item), v.readonly());
const text = v.nullable(v.string());
const number = v.nullable(v.number());
/** Not kept by earlier versions. */
const newer = v.optional(number, null);

const server = v.object({
  uuid: text, serverId: v.number(), version: v.string(), versionComment: v.string(), hostname: text, port: v.number(), uptimeSeconds: number,
  readOnly: v.boolean(), superReadOnly: v.nullable(v.boolean()), logBin: v.boolean(), logReplicaUpdates: v.boolean(), binlogFormat: text, binlogRowImage: text,
  gtidMode: v.picklist(['ON', 'OFF', 'ON_PERMISSIVE', 'OFF_PERMISSIVE']), enforceGtidConsistency: v.string(), eventScheduler: text,
  characterSetServer: v.string(), collationServer: v.string(), sqlMode: v.string(), timeZone: v.string(), systemTimeZone: v.string(),
  lowerCaseTableNames: v.number(), maxAllowedPacket: v.number(), replicaNetTimeoutSeconds: number, binlogExpireSeconds: number,
  skipReplicaStart: v.nullable(v.boolean()), threadsRunning: number, threadsConnected: number, enabledEvents: number,
  certificateExpiresAt: newer, privilegedSessions: v.optional(v.nullable(list(v.string())), null),
  passesOver: v.optional(list(v.string())),
});

const replicationError = v.nullable(v.object({ errno: v.number(), text: v.string(), at: text }));

const names = list(v.string());
const filters = v.object({ doDb: names, ignoreDb: names, doTable: names, ignoreTable: names, wildDoTable: names, wildIgnoreTable: names, rewriteDb: names });

const applierTiming = v.nullable(v.object({
  lastAppliedOriginalCommitUs: number, lastAppliedEndUs: number, applyingOriginalCommitUs: number, lastQueuedOriginalCommitUs: number,
  lastAppliedImmediateCommitUs: newer, applyingImmediateCommitUs: newer, lastQueuedImmediateCommitUs: newer, nowUs: v.number(),
}));

const channel = v.object({
  name: v.string(), sourceHost: v.string(), sourcePort: v.number(), sourceUser: v.string(), sourceUuid: text, sourceServerId: number,
  autoPosition: v.boolean(), tls: v.boolean(),
  receiver: v.picklist(['running', 'connecting', 'stopped']), receiverState: v.string(), receiverError: replicationError,
  applier: v.picklist(['running', 'stopped']), applierState: v.string(), applierError: replicationError, received: v.string(), secondsBehind: number,
  delaySeconds: v.number(), remainingDelaySeconds: v.optional(number), connectRetrySeconds: number, heartbeatPeriodSeconds: number,
  lastHeartbeatAgeSeconds: number, lastBeatAgeSeconds: v.optional(number), applierTiming,
  sourceLogFile: text, readSourceLogPosition: number, relaySourceLogFile: text, execSourceLogPosition: number,
  relayLogSpaceBytes: number, workers: number, filters,
});

const lockHolder = v.object({
  connectionId: v.number(), shared: v.boolean(), who: v.string(), from: v.string(), login: text, since: number,
  purpose: v.nullable(v.object({ kind: v.picklist(lockKinds), name: v.string() })), run: text, powerless: v.exactOptional(v.literal(true)),
});

/** What was so at the moment of the reading alone. */
type Momentary = 'trialUnderWay' | 'writeStalls';

export const factsSchema = v.object({
  sampledAt: v.number(), rttMs: v.number(), clockOffsetMs: number,
  server,
  gtid: v.object({ executed: v.string(), purged: v.string() }),
  binlog: v.nullable(v.object({ file: v.string(), position: v.number(), doDb: v.optional(v.string()), ignoreDb: v.optional(v.string()) })),
  channels: list(channel),
  replicas: list(v.object({ serverId: number, uuid: text, host: text, port: number, user: v.string() })),
  lockHolders: v.optional(list(lockHolder), []),
  unread: list(v.object({ fact: v.string(), reason: v.string() })),
  semiSyncWaiting: v.optional(v.number()),
  events: v.optional(v.object({ enabled: list(v.string()), at: v.number() })),
  noticed: v.optional(v.pipe(v.record(v.string(), v.string()), v.readonly())),
  startKept: v.optional(v.boolean()),
});

// What is read and has no place here would be forgotten with every start, without a word: that does not compile.
factsSchema.entries satisfies Record<Exclude<keyof InstanceFacts, Momentary>, unknown>;
server.entries satisfies Record<keyof ServerFacts, unknown>;
channel.entries satisfies Record<keyof ReplicaChannel, unknown>;
