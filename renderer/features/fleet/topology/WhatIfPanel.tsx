import { Anchor, Button } from '@mantine/core';
import type { ReactElement } from 'react';
import { isPartial } from '../../../../shared/domain/analysis/standing';
import type { InstanceView } from '../../../../shared/domain/fleet/view';
import { useFleet, useRegionName } from '../../../stores/fleet';
import { useNumber, useText } from '../../../stores/language';
import { useStandingClock } from '../../../stores/standing';
import { openInstance } from '../../../stores/ui';
import { LagBadge } from '../../../ui/LagBadge';
import { RoleIcon } from '../../../ui/RoleIcon';
import { StatusBadge } from '../../../ui/StatusBadge';
import { TimeText } from '../../../ui/TimeText';
import { regionLoss } from './what-if';
import type { Successor } from './what-if';
import classes from './WhatIfPanel.module.css';

const namesOf = (views: readonly InstanceView[]): string => views.map((view) => view.instance.name).join(', ');

function Loss({ successor }: { successor: Successor }): ReactElement {
  const t = useText();
  const number = useNumber();
  const { lag, lostTransactions, standby, localReplicas } = successor;
  const region = useRegionName(standby.instance.regionId);
  return (
    <div className={classes.successor}>
      <Anchor component="button" type="button" size="sm" onClick={() => openInstance(standby.instance.id)}>
        {standby.instance.name}
      </Anchor>
      <span className={classes.region}>{region}</span>
      {lag === null ? <StatusBadge tone="mute" plain /> : <LagBadge view={standby} lag={lag} plain />}
      <span className={classes.loss}>
        {isPartial(standby) ? `${t('fleet.what-if.part')}; ` : null}
        {lostTransactions === null ? t('fleet.what-if.loss-unknown') : lostTransactions === 0 ? t('fleet.what-if.loss-none') : t('fleet.what-if.loss', { n: lostTransactions, text: number(lostTransactions) })}
        {lag?.sourceAt == null ? null : (
          <>
            {' '}
            · <TimeText at={lag.sourceAt} />
          </>
        )}
      </span>
      {localReplicas.length === 0 ? null : <span className={classes.region}>{t('fleet.what-if.with-local', { n: localReplicas.length, names: namesOf(localReplicas) })}</span>}
    </div>
  );
}

/** What would be if a region were gone: who could take over each lost primary, what would be lost, who stands unprotected. */
export function WhatIfPanel({ regionId, onClose }: { regionId: string; onClose: () => void }): ReactElement {
  const t = useText();
  const region = useRegionName(regionId);
  const instances = useFleet((state) => state.instances);
  const loss = regionLoss(regionId, instances, useStandingClock());
  const quiet = [loss.lostPrimaries, loss.unprotected, loss.doubtful, loss.unwatched].every((some) => some.length === 0);
  return (
    <section className={classes.panel} aria-label={t('fleet.what-if.title', { region })} aria-live="polite">
      <div className={classes.head}>
        <h2 className={classes.title}>{t('fleet.what-if.title', { region })}</h2>
        <Button onClick={onClose}>{t('common.close')}</Button>
      </div>
      <p className={classes.note}>{t('fleet.what-if.note')}</p>
      {quiet ? <StatusBadge tone="good">{t('fleet.what-if.nothing')}</StatusBadge> : null}
      {loss.lostPrimaries.map(({ primary, successors, unwatched }) => (
        <div key={primary.instance.id} className={classes.primary}>
          <div className={classes.name}>{primary.instance.name}</div>
          <div className={classes.successors}>
            {successors.length === 0 ? null : <div className={classes.could}>{t('fleet.what-if.could')}</div>}
            {successors.map((successor) => (
              <Loss key={successor.standby.instance.id} successor={successor} />
            ))}
            {successors.length === 0 && unwatched.length === 0 ? <StatusBadge tone="bad">{t('fleet.what-if.nobody')}</StatusBadge> : null}
            {unwatched.length === 0 ? null : <StatusBadge tone="mute">{t('fleet.what-if.not-watched', { n: unwatched.length, names: namesOf(unwatched) })}</StatusBadge>}
          </div>
        </div>
      ))}
      {loss.lostStandbys.length === 0 ? null : (
        <div className={classes.primary}>
          <div className={classes.could}>{t('fleet.what-if.lost-standbys')}</div>
          <ul className={classes.lost}>
            {loss.lostStandbys.map((view) => (
              <li key={view.instance.id}>
                <RoleIcon role={view.role} />
                <span>{view.instance.name}</span>
                <span className={classes.region}>{t(`common.role.${view.role}`)}</span>
              </li>
            ))}
          </ul>
        </div>
      )}
      {loss.unprotected.length === 0 ? null : (
        <div className={classes.primary}>
          <StatusBadge tone="warn">{t('fleet.what-if.unprotected', { n: loss.unprotected.length, names: namesOf(loss.unprotected) })}</StatusBadge>
        </div>
      )}
      {loss.doubtful.length === 0 ? null : (
        <div className={classes.primary}>
          <StatusBadge tone="mute">{t('fleet.what-if.doubtful', { n: loss.doubtful.length, names: namesOf(loss.doubtful) })}</StatusBadge>
        </div>
      )}
      {loss.unwatched.length === 0 ? null : (
        <div className={classes.primary}>
          <StatusBadge tone="mute">{t('fleet.what-if.unwatched', { n: loss.unwatched.length, names: namesOf(loss.unwatched) })}</StatusBadge>
        </div>
      )}
    </section>
  );
}
