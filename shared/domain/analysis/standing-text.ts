import type { Incident } from './incident';
import type { ProblemAct } from './act';
import type { LinkStanding, Standing } from './standing';
import type { Translator } from '../../i18n/translate';
import type { Problem } from '../fleet/problem';
import type { InstanceView } from '../fleet/view';

/** The standing of an instance in a few words, with how many problems there are besides. */
export function standingText(t: Translator, { text, problem, more }: Pick<Standing, 'text' | 'problem' | 'more'>): string {
  const title = markedTitle(t, t.message(text), problem);
  return more > 0 ? t('fleet.health.more', { title, n: more }) : title;
}

/** What a problem is called, with a mark where nobody is called for it. */
export function markedTitle(t: Translator, title: string, problem: Pick<Problem, 'quiet'> | null): string {
  return problem?.quiet === undefined ? title : t('attention.marked', { title, mark: t(`attention.mark.${problem.quiet.kind}`) });
}

/** A lag in words, never better than its link: what is wrong stands beside it. `lag`: the lag alone. */
export function linkText(t: Translator, { problem }: Pick<LinkStanding, 'problem'>, lag: string): string {
  return problem === null ? lag : t('common.lag.but', { lag, problem: t(`problems.${problem.code}.title`, problem.params) });
}

/** How names and moments are written where an incident is told. */
export interface IncidentWords {
  readonly byId: ReadonlyMap<string, InstanceView>;
  /** A moment, milliseconds since the epoch. */
  readonly clock: (at: number) => string;
  /** A span, milliseconds. */
  readonly duration: (ms: number) => string;
}

/** An incident in words. */
export interface IncidentText {
  /** What happened, where, since when. */
  readonly headline: string;
  /** What is known of it: who says so, who could take over at what price. */
  readonly facts: readonly string[];
  /** What stands in the way of the way out; null: nothing. It is said first. */
  readonly blocked: string | null;
}

/** The same words for the window and the terminal. */
export function incidentText(t: Translator, incident: Incident, words: IncidentWords): IncidentText {
  const { kind, cause: { view, problem }, down } = incident;
  const { name } = view.instance;
  const time = incident.since === null ? null : words.clock(incident.since);
  if (kind === 'primary-down' && down !== null && time !== null) {
    const headline = t(`incident.down.${down.verdict}`, { name, time });
    return { headline, facts: downFacts(t, incident, words), blocked: blockedText(t, incident, words) };
  }
  if (kind === 'server-down' && time !== null) {
    const isRefused = problem.code === 'login-refused';
    const headline = isRefused ? t('incident.login', { name, time }) : t('incident.gone', { role: t(`common.role.${view.role}`), name, time });
    return { headline, facts: [], blocked: null };
  }
  return { headline: t('incident.of', { name, title: t(`problems.${problem.code}.title`, problem.params) }), facts: [], blocked: null };
}

function downFacts(t: Translator, { down }: Incident, words: IncidentWords): string[] {
  if (down === null) return [];
  const { witnesses, verdict, successors: [best], unwatched } = down;
  const unsaid = verdict === 'dead' ? t('incident.host-says') : t('incident.nobody-says');
  const agreed = witnesses.agree > 0 ? t('incident.agree', { n: witnesses.agree }) : unsaid;
  const said = witnesses.hear > 0 ? t('incident.hear', { n: witnesses.hear }) : agreed;
  if (verdict === 'only-from-here') return [said, t('incident.only-from-here-text')];
  const nameOf = (id: string): string => words.byId.get(id)?.instance.name ?? id;
  const doubts = unwatched.length === 0 ? [] : [t('incident.unwatched', { n: unwatched.length, names: unwatched.map(nameOf).join(', ') })];
  if (best === undefined) return [said, ...(doubts.length === 0 ? [t('incident.no-successor')] : doubts)];
  const { knownLost, unseenSeconds, instanceId, isPartial } = best;
  return [
    said,
    t('incident.best', {
      name: nameOf(instanceId),
      lost: isPartial ? t('incident.lost-part') : knownLost === null ? t('incident.lost-unknown') : t('incident.lost', { n: knownLost }),
      unseen: unseenSeconds === null ? t('incident.unseen-unknown') : t('incident.unseen', { time: words.duration(unseenSeconds * 1000) }),
    }),
    ...doubts,
  ];
}

function blockedText(t: Translator, { down }: Incident, words: IncidentWords): string | null {
  const best = down?.verdict === 'only-from-here' ? undefined : down?.successors[0];
  if (best?.blockedBy == null) return null;
  const { blockedBy, instanceId } = best;
  const name = words.byId.get(instanceId)?.instance.name ?? instanceId;
  return t('incident.blocked', { name, problem: t(`problems.${blockedBy.code}.title`, blockedBy.params) });
}

/** The command that does what is recommended; null: the terminal has none for it. `taskOf`: the name of the sync task that a standby has already. */
export function actCommand(act: ProblemAct, byId: ReadonlyMap<string, InstanceView>, taskOf: (standbyId: string) => string | null): string | null {
  const nameOf = (id: string): string => quoted(byId.get(id)?.instance.name ?? id);
  switch (act.kind) {
    case 'promote':
      return `antipode promote ${nameOf(act.instanceId)} --emergency --confirm ${nameOf(act.instanceId)}`;
    case 'switch-over':
      return `antipode promote ${nameOf(act.instanceId)} --planned --confirm ${nameOf(act.instanceId)}`;
    case 'fence':
      return `antipode fence ${nameOf(act.instanceId)} --confirm ${nameOf(act.instanceId)}`;
    case 'enable-gtid':
      return `antipode gtid plan ${nameOf(act.instanceId)}`;
    case 'create-sync': {
      const known = taskOf(act.standbyId);
      if (known !== null) return `antipode sync status ${quoted(known)}`;
      return `antipode sync create ${nameOf(act.sourceId)} ${nameOf(act.standbyId)} --name NAME --start`;
    }
    case 'open':
      return `antipode instance show ${nameOf(act.instanceId)}`;
    case 'password':
    case 'add-standby':
    case 'rejoin':
    case 'register':
    case 'sync':
      return null;
    default:
      return act satisfies never;
  }
}

/** A name as a shell takes it for one word. */
export const quoted = (name: string): string => (/^[\w.-]+$/u.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`);
