import { isOld, isPartial, linkStandingOf, standingOf, type StandingClock, type StandingTone } from './standing';
import { descendantsOf } from './descendants';
import { incidentsOf } from './incident';
import type { Severity } from '../fleet/problem';
import type { InstanceView } from '../fleet/view';

/**
 * How a primary is protected by standbys in other regions. `protected`: one follows with everything · `partial`: one
 * follows with a part of the databases · `doubtful`: one follows, and something is wrong with what it holds · `unseen`:
 * none can be looked at · `unwatched`: none of them is watched, on somebody's word · `broken`: none receives anything · `none`: there is none.
 */
export interface ProtectionStanding {
  readonly kind: 'protected' | 'partial' | 'doubtful' | 'unseen' | 'unwatched' | 'broken' | 'none';
  readonly tone: StandingTone;
  /** Every DR standby that follows it, through others as well. */
  readonly standbys: readonly InstanceView[];
  /** Those of them that `kind` speaks of. */
  readonly by: readonly InstanceView[];
}

type Kind = Exclude<ProtectionStanding['kind'], 'none'>;
const order: readonly Kind[] = ['protected', 'partial', 'doubtful', 'unseen', 'unwatched', 'broken'];
const tones: Record<ProtectionStanding['kind'], StandingTone> = {
  protected: 'good', partial: 'warn', doubtful: 'bad', unseen: 'mute', unwatched: 'mute', broken: 'bad', none: 'warn',
};

/** How an instance is protected; the best of its standbys decides. */
export function protectionStandingOf(view: InstanceView, instances: readonly InstanceView[], clock: StandingClock): ProtectionStanding {
  const standbys = standbysOf(view, instances);
  const kinds = standbys.map((standby) => [standby, kindOf(standby, clock)] as const);
  const kind = order.find((one) => kinds.some(([, other]) => other === one)) ?? 'none';
  return { kind, tone: tones[kind], standbys, by: kinds.filter(([, other]) => other === kind).map(([standby]) => standby) };
}

function kindOf(standby: InstanceView, clock: StandingClock): Kind {
  if (standby.paused !== null) return 'unwatched';
  // Behind another replica what counts is how far it is behind the head of the chain.
  const lag = standby.head?.lag ?? standby.lag;
  if (standby.health.state !== 'reachable' || lag === null || isOld(lag.standbyAt, clock)) return 'unseen';
  if (lag.state === 'not-replicating') return 'broken';
  if (linkStandingOf(standby, lag, clock).tone === 'bad') return 'doubtful';
  if (lag.state === 'unknown') return 'unseen';
  return isPartial(standby) ? 'partial' : 'protected';
}

/** The DR standbys of an instance, in other regions than its own: those that follow it, and those that follow these. */
function standbysOf(view: InstanceView, instances: readonly InstanceView[]): InstanceView[] {
  return descendantsOf(view.instance.id, instances).filter(
    ({ role, instance, problems }) => role === 'standby' && instance.regionId !== view.instance.regionId
      && !problems.some(({ code }) => code === 'not-synchronised'),
  );
}

/** How a fleet stands as a whole. */
export interface FleetStanding {
  readonly tone: StandingTone;
  readonly instances: number;
  readonly primaries: number;
  /** Primaries of which everything is protected, and those of which a part is. */
  readonly protectedPrimaries: number;
  readonly partlyProtected: number;
  /** Causes of problems, and servers that need a look for another reason. */
  readonly critical: number;
  readonly warning: number;
  /** Servers of which nothing is known now, and those that are not watched. */
  readonly unknown: number;
  readonly paused: number;
  /** Servers that take writes and that no standby in another region protects. */
  readonly exposed: readonly InstanceView[];
  /** Everything was read just now, nothing is wrong with it, and every server that takes writes is protected. */
  readonly isQuiet: boolean;
}

/** The standing of the fleet: the worst of its servers, and never quiet while one is not known or not protected. */
export function fleetStandingOf(instances: readonly InstanceView[], clock: StandingClock): FleetStanding {
  const standings = instances.map((view) => ({ ...standingOf(view, clock), isPaused: view.paused !== null }));
  const causes = incidentsOf(instances, clock);
  const plain = (tone: Extract<StandingTone, 'bad' | 'warn'>): number => standings.filter((one) => one.tone === tone && one.problem === null).length;
  const count = (severity: Severity): number => causes.filter((cause) => cause.severity === severity).length;
  const primaries = instances.filter(({ role }) => role === 'primary').map((view) => protectionStandingOf(view, instances, clock));
  const exposed = instances
    .filter(({ role }) => role === 'primary' || role === 'stand-alone')
    .filter((view) => protectionStandingOf(view, instances, clock).kind === 'none');
  const mute = standings.filter(({ tone, problem }) => tone === 'mute' && problem === null);
  const paused = mute.filter(({ isPaused }) => isPaused).length;
  const figures = { critical: count('critical') + plain('bad'), warning: count('warning') + plain('warn'), unknown: mute.length - paused, paused };
  const isWell = figures.critical + figures.warning + mute.length === 0;
  return {
    ...figures,
    tone: figures.critical > 0 ? 'bad' : figures.warning > 0 ? 'warn' : mute.length > 0 || exposed.length > 0 ? 'mute' : 'good',
    instances: instances.length,
    primaries: primaries.length,
    protectedPrimaries: primaries.filter(({ kind }) => kind === 'protected').length,
    partlyProtected: primaries.filter(({ kind }) => kind === 'partial').length,
    exposed,
    isQuiet: isWell && exposed.length === 0,
  };
}
