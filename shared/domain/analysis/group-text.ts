import type { IncidentGroup } from './incident-groups';
import { isMessageKey } from '../../i18n/translate';
import type { Translator } from '../../i18n/translate';

const oneEventMs = 10 * 60_000;

/** What a region has many of, in one sentence: `Region Shanghai: 100 of 125 cannot be reached since 12:03`. `timeOf`: a moment as its reader has it. */
export function incidentGroupText(t: Translator, group: IncidentGroup, region: string, timeOf: (at: number) => string): string {
  const { code, of, affected, size, since, last, promotable, heard, incidents } = group;
  const [first] = incidents;
  if (code !== 'unreachable' || since === null || last === null) {
    const key = `problems.${code}.title`;
    const title = first !== undefined && isMessageKey(key) ? t(key, first.cause.problem.params) : code;
    return t('incident.group.of', { region, n: affected, of: size, title });
  }
  // What began at quite other times is no one event.
  const when = last - since < oneEventMs
    ? t('incident.group.since', { time: timeOf(since) })
    : t('incident.group.over', { time: timeOf(since), last: timeOf(last) });
  return of === 'primaries'
    ? t('incident.group.primaries', { region, n: incidents.length, promotable, heard, when })
    : t('incident.group.gone', { region, n: affected, of: size, when });
}
