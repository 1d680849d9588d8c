import { Select, UnstyledButton } from '@mantine/core';
import { useMemo } from 'react';
import type { ReactElement } from 'react';
import { useFleet } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { useStandingClock } from '../../../stores/standing';
import { go } from '../../../stores/ui';
import { IconSearch } from '../../../ui/icons';
import { isFoundBy, searchTexts } from '../../../ui/instance-acts';
import { StatusIcon, type Tone } from '../../../ui/StatusBadge';
import { regionCounts, type RegionCounts } from './region-overview';
import classes from './Finder.module.css';

/** So many of what is found are offered. */
const offered = 30;

/** Finds an instance by name or address; choosing it shows what it hangs together with. */
function Search(): ReactElement {
  const t = useText();
  const instances = useFleet((state) => state.instances);
  const byId = useFleet((state) => state.byId);
  const data = useMemo(() => instances.map(({ instance }) => ({ value: instance.id, label: instance.name })), [instances]);
  return (
    <Select
      size="xs" className={classes.search} data={data} value={null} searchable leftSection={<IconSearch size={13} aria-hidden />}
      placeholder={t('fleet.dependencies.find')} aria-label={t('fleet.dependencies.find')} nothingFoundMessage={t('fleet.tree.nothing')}
      limit={offered}
      filter={({ search, limit }) => instances
        .filter(({ instance }) => isFoundBy(search, searchTexts(byId.get(instance.id)?.instance ?? instance))).slice(0, limit)
        .map(({ instance }) => ({ value: instance.id, label: instance.name }))}
      onChange={(id) => {
        if (id !== null) go({ id: 'dependencies', instanceId: id });
      }}
    />
  );
}

function Count({ n, tone, text }: { n: number; tone: Tone; text: string }): ReactElement | null {
  if (n === 0) return null;
  return (
    <span className={classes.count} title={text}>
      {n} <StatusIcon tone={tone} size={13} />
    </span>
  );
}

function RegionButton({ region, on, onChoose }: { region: RegionCounts; on: boolean; onChoose: () => void }): ReactElement {
  const t = useText();
  const { name, servers, critical, warning, unknown } = region;
  const texts = {
    servers: t('fleet.instances', { n: servers }), critical: t('fleet.tree.critical', { n: critical }), warning: t('fleet.tree.warning', { n: warning }),
    unknown: t('fleet.tree.unknown', { n: unknown }),
  };
  const wrong = [critical > 0 ? texts.critical : null, warning > 0 ? texts.warning : null, unknown > 0 ? texts.unknown : null];
  const said = [name, texts.servers, ...wrong.filter((text) => text !== null)];
  return (
    <UnstyledButton className={classes.region} aria-pressed={on} aria-label={said.join(', ')} onClick={onChoose}>
      <span>{name}</span> <span className={classes.servers}>{servers}</span>
      <Count n={critical} tone="bad" text={texts.critical} />
      <Count n={warning} tone="warn" text={texts.warning} />
      <Count n={unknown} tone="mute" text={texts.unknown} />
    </UnstyledButton>
  );
}

/**
 * Above the graph of a fleet: the way to one instance, and its regions with what is wrong in them, the worst first. One that is chosen shows
 * its clusters alone.
 */
export function Finder({ regionId, onRegion }: { regionId: string | null; onRegion: (regionId: string | null) => void }): ReactElement {
  const t = useText();
  const regions = useFleet((state) => state.regions);
  const instances = useFleet((state) => state.instances);
  const clock = useStandingClock();
  const counts = useMemo(() => regionCounts(regions, instances, clock), [regions, instances, clock]);
  return (
    <div className={classes.bar}>
      <Search />
      {counts.length < 2 ? null : (
        <div className={classes.regions} role="group" aria-label={t('fleet.dependencies.regions')}>
          {counts.map((region) => (
            <RegionButton key={region.id} region={region} on={region.id === regionId} onChoose={() => onRegion(region.id === regionId ? null : region.id)} />
          ))}
        </div>
      )}
    </div>
  );
}
