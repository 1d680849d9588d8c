import { Button, SegmentedControl } from '@mantine/core';
import { useMemo, useState } from 'react';
import type { ReactElement } from 'react';
import type { PageProps } from '../../../stores/registry';
import { useFleet } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { setList, useLists } from '../../../stores/lists';
import { go, openDialog, openInstance } from '../../../stores/ui';
import { AddInstanceButton } from '../../../ui/AddInstanceButton';
import { EmptyState } from '../../../ui/EmptyState';
import { IconSitemap, IconTable } from '../../../ui/icons';
import { Page } from '../../../ui/Page';
import { DependencyTable } from './DependencyTable';
import { dependencyModel } from './dependency-model';
import { Finder } from './Finder';
import { FleetViewSwitch, ViewLabel } from './FleetViewSwitch';
import { WhatIfPanel } from './WhatIfPanel';
import { ZoomedGraph } from './ZoomedGraph';
import classes from './DependencyPage.module.css';

/** Smaller fleets are seen whole. */
const finderFrom = 40;

const open = (id: string): void => openInstance(id);

function register(key: string): void {
  const server = useFleet.getState().topology.unregistered.find((candidate) => candidate.key === key);
  if (server === undefined) return;
  openDialog({ kind: 'add-instance', prefill: { name: server.host.slice(0, 64), admin: { host: server.host, port: server.port ?? 3306 } } });
}

/** Who replicates from whom: of one instance and what is connected to it, or of the whole fleet. */
export function DependencyPage({ page }: PageProps<'dependencies'>): ReactElement {
  const t = useText();
  const fleet = useFleet();
  const [gone, setGone] = useState<string | null>(null);
  const { form, regionId: chosenId } = useLists((state) => state.links);
  const focused = page.instanceId === null ? undefined : fleet.byId.get(page.instanceId);
  const focusId = focused === undefined ? null : page.instanceId;
  const { regions, instances, byId, topology } = fleet;
  // A region that has been taken out is no choice any more.
  const regionId = regions.some(({ id }) => id === chosenId) ? chosenId : null;
  const model = useMemo(
    () => dependencyModel({ regions, instances, byId, topology }, focusId, t('fleet.unregistered'), regionId),
    [regions, instances, byId, topology, focusId, regionId, t],
  );
  return (
    <Page
      flush
      title={focused === undefined ? t('fleet.view.dependencies') : t('fleet.dependencies.of', { name: focused.instance.name })}
      sub={t('fleet.dependencies.sub')}
      actions={
        <>
          {focused === undefined ? <FleetViewSwitch value="dependencies" /> : <Button onClick={() => go({ id: 'dependencies', instanceId: null })}>{t('fleet.dependencies.whole')}</Button>}
          <SegmentedControl
            value={form}
            onChange={(value) => setList('links', { form: value === 'table' ? 'table' : 'graph' })}
            aria-label={t('fleet.dependencies.form')}
            data={[
              { value: 'graph', label: <ViewLabel icon={<IconSitemap size={14} aria-hidden />} text={t('fleet.dependencies.graph')} /> },
              { value: 'table', label: <ViewLabel icon={<IconTable size={14} aria-hidden />} text={t('fleet.dependencies.table')} /> },
            ]}
          />
        </>
      }
    >
      {focused === undefined && instances.length >= finderFrom ? <Finder regionId={regionId} onRegion={(id) => setList('links', { regionId: id })} /> : null}
      {model.nodes.length === 0 ? (
        <EmptyState title={t('fleet.dependencies.empty')} text={t('fleet.dependencies.empty-text')} action={<AddInstanceButton />} />
      ) : form === 'graph' ? (
        <div className={classes.graph} data-split={gone !== null || undefined}>
          <ZoomedGraph model={model} selectedId={focusId} goneRegionId={gone} onAskGone={setGone} onOpen={open} onRegister={register} />
        </div>
      ) : (
        <div className={classes.table}>
          <DependencyTable model={model} onOpen={open} onRegister={register} />
        </div>
      )}
      {gone === null ? null : <WhatIfPanel regionId={gone} onClose={() => setGone(null)} />}
    </Page>
  );
}
