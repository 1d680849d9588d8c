import { ActionIcon, Button } from '@mantine/core';
import type { ReactElement } from 'react';
import { dismissAlert, useConnection } from '../stores/connection';
import { useNow } from '../stores/clock';
import { useFleet } from '../stores/fleet';
import { useText, useTimeZone } from '../stores/language';
import { openInstance } from '../stores/ui';
import { formatAgo, formatClock } from '../ui/format';
import { IconPlugConnectedX, IconX } from '../ui/icons';
import { StatusIcon, toneOf } from '../ui/StatusBadge';
import { TimeText } from '../ui/TimeText';
import { useFeatures } from '../stores/registry';
import { standingAlerts } from './standing-alerts';
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

/** Above every page: the engine is silent, alerts that hold and are not dismissed, and what a feature has to say at once. */
export function Banners(): ReactElement {
  const t = useText();
  const { state, alerts } = useConnection();
  const instances = useFleet((fleet) => fleet.instances);
  const { slots } = useFeatures();
  return (
    <>
      {state === 'lost' ? <Stale /> : null}
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
