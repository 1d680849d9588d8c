import { message, type Message } from '../../i18n/message';

/** What one server says of itself now, as far as it decides whether clients can write there; null: it did not answer. */
export type ServerReading = {
  readonly readOnly: boolean;
  /** What keeps writes out of a server that is not read-only: settings as `name = ON`, locks with the sessions that hold them. */
  readonly hindering: readonly string[];
  /** Its gtid_executed. */
  readonly executed: string;
  /** Receiver and applier of its link; null: it follows nobody. */
  readonly link: 'running' | 'stopped' | null;
} | null;

/** `hindered`: not read-only, and yet new sessions cannot write. */
type Stand = 'writable' | 'hindered' | 'read-only' | 'away';

/** Where an old primary and its standby stand. */
export interface Standing {
  readonly source: Stand;
  readonly standby: Stand;
  /** What keeps writes out of those that are hindered. */
  readonly hindering: string;
  /** Who takes writes by what they say themselves; `unknown`: the one that may is away. */
  readonly writes: 'source' | 'standby' | 'both' | 'nobody' | 'unknown';
  readonly sourceLink: 'running' | 'stopped' | 'none' | 'unknown';
  readonly standbyLink: 'running' | 'stopped' | 'none' | 'unknown';
}

/** Where the two stand, by what both say now and by nothing else. */
export function standingOf(source: ServerReading, standby: ServerReading): Standing {
  const [here, there] = [standOf(source), standOf(standby)];
  return {
    source: here,
    standby: there,
    hindering: [...(source?.hindering ?? []), ...(standby?.hindering ?? [])].join(', '),
    writes: writesOf(here, there),
    sourceLink: linkOf(source),
    standbyLink: linkOf(standby),
  };
}

function standOf(server: ServerReading): Stand {
  if (server === null) return 'away';
  if (server.readOnly) return 'read-only';
  return server.hindering.length > 0 ? 'hindered' : 'writable';
}

function writesOf(source: Stand, standby: Stand): Standing['writes'] {
  if (source === 'writable') return standby === 'writable' ? 'both' : 'source';
  if (standby === 'writable') return 'standby';
  return source === 'away' || standby === 'away' ? 'unknown' : 'nobody';
}

function linkOf(server: ServerReading): Standing['standbyLink'] {
  return server === null ? 'unknown' : (server.link ?? 'none');
}

/** What an operation was: its kind, what it may have done, and whether each of its steps came to its end. */
export interface Ran {
  readonly kind: 'planned' | 'emergency';
  /** Every step is done. */
  readonly finished: boolean;
  /** The standby may have been opened. */
  readonly mayBeOpen: boolean;
  /** The old primary may have been fenced. */
  readonly mayBeFenced: boolean;
  /** Something that was to be taken back could not be. */
  readonly undoMissed: boolean;
}

/**
 * What came of an operation. `undone` is said only of a standby that says that it is closed, or was never to be opened, and of
 * an old primary that takes writes, or was never fenced; `done` only where the standby takes writes, or proved so and is silent now.
 */
export function outcomeOf(standing: Standing, ran: Ran): 'done' | 'undone' | 'failed' {
  if (ran.finished) return standing.standby === 'writable' || standing.standby === 'away' ? 'done' : 'failed';
  if (ran.undoMissed) return 'failed';
  const isClosed = standing.standby === 'read-only' || !ran.mayBeOpen;
  const isFree = ran.kind === 'emergency' || standing.source === 'writable' || !ran.mayBeFenced;
  return isClosed && isFree ? 'undone' : 'failed';
}

/** The names of the two, for texts. */
type Names = Readonly<Record<'source' | 'standby', string>>;

/** What a report says of where both stand, and what is next, where not everything is as it was to be. */
export function standingNotes(standing: Standing, names: Names): Message[] {
  const { source, standby, hindering, writes, sourceLink, standbyLink } = standing;
  return [
    message('promotion.note.standing', {
      ...names, hindering, sourceStand: word(source), standbyStand: word(standby), sourceLink, standbyLink,
    }),
    ...(writes === 'nobody' ? [message('promotion.note.nobody-writes', names)] : []),
    ...(writes === 'both' ? [message('promotion.note.both-write', names)] : []),
    ...(writes === 'unknown' ? [message('promotion.note.writes-unknown', names)] : []),
    ...(writes === 'source' && standby === 'read-only' && standbyLink === 'stopped' ? [message('promotion.note.link-stands', names)] : []),
  ];
}

/** The `select` of a text knows no hyphens. */
const word = (stand: Stand): string => (stand === 'read-only' ? 'closed' : stand);

/** What recovery decides over. */
export interface LeftBehind {
  readonly kind: 'planned' | 'emergency';
  /** The step that opens has begun, and did not take itself back. */
  readonly openingBegun: boolean;
  /** The standby holds the whole promotion set; null: not known. */
  readonly complete: boolean | null;
}

interface Judgement {
  readonly verdict: 'can-resume' | 'can-undo' | 'needs-attention';
  readonly text: Message;
}

/** How an operation that was left half-way can go on, by what both servers say now. */
export function verdictOf(standing: Standing, left: LeftBehind, names: Names): Judgement {
  const { source, standby } = standing;
  if (left.kind === 'planned' && standing.writes === 'both') return { verdict: 'needs-attention', text: message('promotion.judge.two-writable', names) };
  if (!left.openingBegun) {
    if (left.kind === 'emergency') return standby === 'away' ? away(names) : { verdict: 'can-undo', text: message('promotion.judge.not-opened', names) };
    if (source === 'away') return { verdict: 'needs-attention', text: message('promotion.judge.source-away', names) };
    return { verdict: 'can-undo', text: message(source === 'writable' ? 'promotion.judge.nothing-fenced' : 'promotion.judge.fenced', names) };
  }
  if (standby === 'away') return away(names);
  if (standby === 'hindered') return { verdict: 'can-resume', text: message('promotion.judge.hindered', { ...names, hindering: standing.hindering }) };
  if (standby === 'writable') return { verdict: 'can-resume', text: message('promotion.judge.opened', names) };
  if (left.kind === 'planned' && left.complete !== true) return { verdict: 'needs-attention', text: message('promotion.judge.incomplete', names) };
  const { hindering } = standing;
  if (hindering !== '') return { verdict: 'can-resume', text: message('promotion.judge.barred', { ...names, hindering }) };
  return { verdict: 'can-resume', text: message('promotion.judge.about-to-open', names) };
}

function away(names: Names): Judgement {
  return { verdict: 'needs-attention', text: message('promotion.judge.standby-away', names) };
}
