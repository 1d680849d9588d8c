import { Anchor } from '@mantine/core';
import type { ReactElement } from 'react';
import { leftBehindBy } from '../../../../shared/domain/analysis/left-behind';
import { protectionStandingOf } from '../../../../shared/domain/analysis/protection';
import type { InstanceView } from '../../../../shared/domain/fleet/view';
import { useFleet, useRegionName } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { useStandingClock } from '../../../stores/standing';
import { openInstance } from '../../../stores/ui';
import { LagBadge } from '../../../ui/LagBadge';
import { StatusBadge, StatusIcon } from '../../../ui/StatusBadge';
import { LeftBehindLine } from './LeftBehindLine';
import classes from './ProtectionBand.module.css';

function Protector({ view }: { view: InstanceView }): ReactElement {
  const region = useRegionName(view.instance.regionId);
  return (
    <li className={classes.protector}>
      <Anchor component="button" type="button" size="sm" onClick={() => openInstance(view.instance.id)}>
        {view.instance.name}
      </Anchor>
      <span className={classes.region}>{region}</span>
      {view.lag === null ? <StatusBadge tone="mute" plain /> : <LagBadge view={view} plain />}
    </li>
  );
}

/**
 * The one question of a primary's page: is it protected, by whom? A standby that does not replicate protects nobody. Then who is to come
 * home. `quiet`: below an incident, whose headline comes first.
 */
export function ProtectionBand({ view, quiet = false }: { view: InstanceView; quiet?: boolean }): ReactElement {
  const t = useText();
  const instances = useFleet((state) => state.instances);
  const { kind, tone, standbys, by } = protectionStandingOf(view, instances, useStandingClock());
  const left = leftBehindBy(view, instances);
  const headline = kind === 'protected' ? 'fleet.protection.by' : `fleet.protection.${kind}` as const;
  return (
    <section className={classes.band} data-tone={tone} aria-label={t('fleet.protection')}>
      <div className={classes.headline} data-tone={tone} data-quiet={quiet || undefined}>
        <StatusIcon tone={tone} size={20} />
        {t(headline, { n: by.length })}
      </div>
      {standbys.length === 0 ? (
        left.length > 0 ? null : <p className={classes.text}>{t('fleet.protection.none-text')}</p>
      ) : (
        <ul className={classes.list}>
          {standbys.map((standby) => (
            <Protector key={standby.instance.id} view={standby} />
          ))}
        </ul>
      )}
      {left.map((one) => <LeftBehindLine key={one.old.instance.id} left={one} />)}
    </section>
  );
}
