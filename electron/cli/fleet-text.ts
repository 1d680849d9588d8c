import { incidentsAt, incidentsOf, type Incident } from '../../shared/domain/analysis/incident';
import { fleetStandingOf, protectionStandingOf } from '../../shared/domain/analysis/protection';
import { linkStandingOf, roleMessage, standingOf, type StandingClock } from '../../shared/domain/analysis/standing';
import { actCommand, incidentText, linkText, standingText } from '../../shared/domain/analysis/standing-text';
import type { Lag } from '../../shared/domain/fleet/lag';
import type { InstanceView } from '../../shared/domain/fleet/view';
import type { Translator } from '../../shared/i18n/translate';
import { moment, table } from './output';
import { atWorkText, lagText } from './texts';

/** Whatever a command reads it reads just before it prints; a large fleet takes its time. */
export const standingClock = (now: number): StandingClock => ({ now, staleAfterMs: 120_000 });

/** What the tables of the terminal are made of. */
export interface FleetText {
  readonly t: Translator;
  readonly instances: readonly InstanceView[];
  readonly regionName: (id: string) => string;
  readonly clock: StandingClock;
  /** The name of the sync task that a standby has; null: it has none. */
  readonly taskOf: (standbyId: string) => string | null;
}

/** The lag of a link in one line, never better than its link. */
export function linkLine({ t, clock }: Pick<FleetText, 't' | 'clock'>, view: InstanceView, lag: Lag): string {
  return linkText(t, linkStandingOf(view, lag, clock), lagText(t, lag));
}

/** What a server stands for, in one mark and a few words. */
export function standingLine({ t, clock }: Pick<FleetText, 't' | 'clock'>, view: InstanceView): string {
  const standing = standingOf(view, clock);
  return `${{ bad: '✗', warn: '!', mute: '?', good: '✓' }[standing.tone]} ${standingText(t, standing)}`;
}

/** Every instance in a line: name, region, what it is, version, lag, how it stands. */
export function instanceTable(text: FleetText, views: readonly InstanceView[]): string {
  const { t, clock } = text;
  if (views.length === 0) return t('terminal.noInstances');
  return table(views.map((view) => [
    view.instance.name,
    text.regionName(view.instance.regionId),
    t.message(roleMessage(view, clock)),
    view.facts?.server.version ?? '',
    view.lag === null ? '' : linkLine(text, view, view.lag),
    [standingLine(text, view), ...view.othersAtWork.map((holder) => atWorkText(t, holder))].join('  '),
  ]));
}

/** How a primary is protected, in a line; null: it is no primary. */
export function protectionLine({ t, instances, clock }: FleetText, view: InstanceView): string | null {
  if (view.role !== 'primary') return null;
  const { kind, standbys, by } = protectionStandingOf(view, instances, clock);
  const names = standbys.map(({ instance }) => instance.name).join(', ');
  return `${t(kind === 'protected' ? 'fleet.protection.by' : `fleet.protection.${kind}`, { n: by.length })}${names === '' ? '' : `: ${names}`}`;
}

/** The incidents, each with what is known of it and the command that is recommended; of one instance where it is given. */
export function incidentLines({ t, instances, clock, taskOf }: FleetText, instanceId: string | null = null): readonly string[] {
  const all = incidentsOf(instances, clock);
  const byId = new Map(instances.map((view) => [view.instance.id, view]));
  const words = {
    byId,
    clock: moment,
    duration: (ms: number) => t('common.duration.s', { n: Math.ceil(ms / 1000) }),
  };
  return (instanceId === null ? all : incidentsAt(all, instanceId)).flatMap((incident) => {
    const { headline, facts, blocked } = incidentText(t, incident, words);
    const command = incident.act === null ? null : actCommand(incident.act, byId, taskOf);
    return [
      `${incident.severity === 'critical' ? '✗' : '!'} ${headline}`,
      ...[blocked, ...facts].filter((line) => line !== null).map((line) => `    ${line}`),
      ...(incident.symptoms.length === 0 ? [] : [`    ${t('incident.symptoms', { n: incident.symptoms.length })}: ${symptomNames(incident)}`]),
      ...(command === null ? [] : [`    ${t('incident.command', { command })}`]),
    ];
  });
}

const symptomNames = ({ symptoms }: Incident): string => symptoms.map(({ view, problem }) => `${view.instance.name} ${problem.code}`).join(', ');

/** The last line of a table: whether anything needs its reader. */
export function fleetLine({ t, instances, clock }: FleetText): string {
  const figures = fleetStandingOf(instances, clock);
  if (figures.isQuiet) return t('fleet.figures.quiet');
  return [
    ...(figures.critical > 0 ? [t('fleet.figures.critical', { n: figures.critical })] : []),
    ...(figures.warning > 0 ? [t('fleet.figures.warning', { n: figures.warning })] : []),
    ...(figures.unknown > 0 ? [t('fleet.figures.unknown', { n: figures.unknown })] : []),
    ...(figures.paused > 0 ? [t('fleet.figures.paused', { n: figures.paused })] : []),
    ...(figures.exposed.length > 0 ? [t('fleet.figures.exposed', { n: figures.exposed.length })] : []),
  ].join(' · ');
}
