import { message, type Message } from '../../i18n/message';
import type { EvidenceItem, SourceVerdict } from './promotion';

/** How this workstation's own attempt to reach the source went. */
export type ProbeOutcome = 'answers' | 'login-refused' | 'connection-refused' | 'timed-out' | 'unreachable';

/** What one replica of the source says of it. */
export interface Witness {
  readonly name: string;
  readonly receiver: 'running' | 'connecting' | 'stopped';
  /** Last error of the receiver; 0: none. */
  readonly errno: number;
  /** Seconds since its last heartbeat, by its own clock; null: it does not say (before 5.7), or never had one. */
  readonly heartbeatAgeSeconds: number | null;
  readonly heartbeatPeriodSeconds: number | null;
}

export interface EvidenceReading {
  readonly sourceName: string;
  readonly probe: ProbeOutcome;
  /** The standby that is to be promoted. */
  readonly standby: Witness;
  readonly others: readonly Witness[];
}

/** Errors that a receiver can only get from a source that answered it. Reference: server error messages, client error messages. */
const answeredErrnos: readonly number[] = [1045, 1130, 1044, 1227, 1236, 1251, 2059, 2061, 13114, 13122];
/** Errors of a receiver that found nobody. */
const absentErrnos: readonly number[] = [2002, 2003, 2005, 2006, 2013, 1159, 1160, 1161, 1158];

/** A heartbeat is fresh within two periods and a second, and stale after five periods or ten seconds, whichever is more. */
function heartbeatSays(witness: Witness): EvidenceItem['speaksFor'] {
  const age = witness.heartbeatAgeSeconds;
  if (age === null) return 'neither';
  const period = witness.heartbeatPeriodSeconds ?? 30;
  if (age <= 2 * period + 1) return 'alive';
  return age > Math.max(10, 5 * period) ? 'dead' : 'neither';
}

/** What one replica's receiver speaks for. A receiver that somebody stopped says nothing. */
export function witnessSays(witness: Witness): EvidenceItem['speaksFor'] {
  switch (witness.receiver) {
    case 'running':
      return heartbeatSays(witness);
    case 'connecting':
      if (answeredErrnos.includes(witness.errno)) return 'alive';
      return absentErrnos.includes(witness.errno) ? 'dead' : 'neither';
    case 'stopped':
      return 'neither';
    default:
      return witness.receiver satisfies never;
  }
}

function probeSays(probe: ProbeOutcome): EvidenceItem['speaksFor'] {
  switch (probe) {
    case 'answers':
    case 'login-refused':
      return 'alive';
    case 'connection-refused':
      return 'dead';
    case 'timed-out':
    case 'unreachable':
      return 'neither';
    default:
      return probe satisfies never;
  }
}

/** The evidence line by line: our own probe first, then the standby, then every other replica. */
export function evidenceOf(reading: EvidenceReading): EvidenceItem[] {
  return [
    { witness: reading.sourceName, text: message(`promotion.evidence.probe.${reading.probe}`), speaksFor: probeSays(reading.probe) },
    ...[reading.standby, ...reading.others].map((witness) => ({ witness: witness.name, text: witnessText(witness), speaksFor: witnessSays(witness) })),
  ];
}

function witnessText(witness: Witness): Message {
  if (witness.receiver === 'running') {
    if (witness.heartbeatAgeSeconds === null) return message('promotion.evidence.receiver.running');
    return message('promotion.evidence.receiver.heartbeat', { seconds: Math.round(witness.heartbeatAgeSeconds) });
  }
  if (witness.receiver === 'connecting') return message('promotion.evidence.receiver.connecting', { errno: witness.errno });
  return message('promotion.evidence.receiver.stopped');
}

/**
 * The verdict over the evidence. Only a source that answers *us* is called alive or its replication broken; one that a
 * replica still hears is unreachable only from here; one that nobody hears, and at least one witness missed or whose
 * host refused the connection, is dead; anything less is unknown.
 */
export function verdictOf(reading: EvidenceReading): SourceVerdict {
  const own = probeSays(reading.probe);
  if (own === 'alive') return reading.standby.receiver === 'running' ? 'source-alive' : 'replication-broken';
  const witnesses = [reading.standby, ...reading.others].map(witnessSays);
  if (witnesses.includes('alive')) return 'unreachable-only-from-here';
  return own === 'dead' || witnesses.includes('dead') ? 'source-dead' : 'unknown';
}

/** The source answers: a planned switchover is possible and loses nothing. */
export function answers(verdict: SourceVerdict): boolean {
  return verdict === 'source-alive' || verdict === 'replication-broken';
}
