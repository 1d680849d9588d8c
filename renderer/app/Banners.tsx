import { ActionIcon, Button } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { ReactElement } from 'react';
import { dismissAlert, useConnection } from '../stores/connection';
import { useNow } from '../stores/clock';
import { isKnown, incidentsAt } from '../../shared/domain/analysis/incident';
import { groupIncidents, type ToldIncident } from '../../shared/domain/analysis/incident-groups';
import { useIncidents } from '../stores/standing';
import { useIncidentGroupText } from '../ui/incident-group-words';
import { useIncidentText } from '../ui/incident-words';
import { ProblemActButton } from '../ui/ProblemAct';
import { useFleet } from '../stores/fleet';
import { useText, useTimeZone } from '../stores/language';
import { go, openInstance, useUi } from '../stores/ui';
import { formatAgo, formatClock } from '../ui/format';
import { IconPlugConnectedX, IconX } from '../ui/icons';
import { StatusIcon, toneOf } from '../ui/StatusBadge';
import { TimeText } from '../ui/TimeText';
import { useFeatures } from '../stores/registry';
import { standingAlerts } from './standing-alerts';
import { incidentsOf, keysOf, stillThere } from './dismissed';
import classes from './Banners.module.css';

function Stale(): ReactElement {
  const t = useText();
  const zone = useTimeZone();
  const now = useNow();
  const at = useConnection((state) => state.lastAliveAt);
  return (
    <div className={classes.banner} data-tone="warn" role="alert">
      <IconPlugConnectedX size={16} aria-hidden />
      <span className={classes.text}>
        <b>{t('common.stale.title')}</b> {t('common.stale.text', { time: formatClock(t.language, zone, at), ago: formatAgo(t, at, now) })}
      </span>
    </div>
  );
}

/** Critical incidents, the worst on top, on every page that does not show them anyway. They rest on the servers, and so are here again after a restart. */
function IncidentBanners(): ReactElement {
  const t = useText();
  const page = useUi((state) => state.page);
  const incidents = useIncidents();
  const words = useIncidentText();
  const [dismissed, setDismissed] = useState<ReadonlySet<string>>(new Set());
  const groupWords = useIncidentGroupText();
  const instances = useFleet((state) => state.instances);
  // What somebody knows of stays in the lists.
  const critical = incidents.filter((incident) => incident.severity === 'critical' && !isKnown(incident));
  useEffect(() => setDismissed((before) => stillThere(before, incidents)), [incidents]);
  // Grouped as on the page of the fleet, whatever page this is: what is wholly about this page is left to it.
  const isOfPage = (one: ToldIncident): boolean =>
    page.id === 'fleet' || (page.id === 'instance' && page.tab === 'details' && incidentsOf(one).every((incident) => incidentsAt([incident], page.instanceId).length > 0));
  const shown = groupIncidents(critical, instances).filter((one) => !isOfPage(one) && keysOf(one).some((key) => !dismissed.has(key)));
  return (
    <div role="log" aria-label={t('incident.title')}>
      {shown.slice(0, 2).map((one) => {
        const { headline, facts, blocked } = one.kind === 'group' ? { headline: groupWords(one), facts: [], blocked: null } : words(one.incident);
        const act = one.kind === 'group' ? null : one.incident.act;
        const open = (): void => (one.kind === 'group' ? go({ id: 'fleet' }) : openInstance(one.incident.cause.view.instance.id));
        return (
          <div key={one.id} className={classes.banner} data-tone="bad">
            <StatusIcon tone="bad" size={16} />
            <span className={classes.text}><b>{headline}</b> {[blocked, ...facts].filter((part) => part !== null).join(' · ')}</span>
            <Button onClick={open}>{t('incident.banner')}</Button>
            {act === null ? null : <ProblemActButton act={act} recommended />}
            <ActionIcon aria-label={t('common.dismiss')} title={t('common.dismiss')} onClick={() => setDismissed(new Set([...dismissed, ...keysOf(one)]))}>
              <IconX size={14} />
            </ActionIcon>
          </div>
        );
      })}
    </div>
  );
}

/** Above every page: the engine is silent, alerts that hold and are not dismissed, and what a feature has to say at once. */
export function Banners(): ReactElement {
  const t = useText();
  const { state, alerts } = useConnection();
  const instances = useFleet((fleet) => fleet.instances);
  const { slots } = useFeatures();
  return (
    <>
      {state === 'lost' ? <Stale /> : null}
      <IncidentBanners />
      {slots.banners?.map((Banner, index) => <Banner key={index} />)}
      <div role="log" aria-label={t('common.alerts')}>
        {standingAlerts(alerts, instances).slice(0, 3).map((alert) => (
          <div key={alert.id} className={classes.banner} data-tone={toneOf(alert.severity)}>
            <StatusIcon tone={toneOf(alert.severity)} size={16} note={alert.severity === 'info'} />
            <span className={classes.text}>
              <b>{t(`common.severity.${alert.severity}`)}{alert.view === null ? '' : ` · ${alert.view.instance.name}`}</b> {t.message(alert.text)} <TimeText at={alert.at} />
            </span>
            {alert.instanceId === null ? null : (
              <Button
                onClick={() => {
                  if (alert.instanceId !== null) openInstance(alert.instanceId);
                }}
              >
                {t('common.open')}
              </Button>
            )}
            <ActionIcon aria-label={t('common.dismiss')} title={t('common.dismiss')} onClick={() => dismissAlert(alert.id)}>
              <IconX size={14} />
            </ActionIcon>
          </div>
        ))}
      </div>
    </>
  );
}
