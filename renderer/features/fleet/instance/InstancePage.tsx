import { ActionIcon, Anchor, Button, Menu, Tabs } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { useFeatures } from '../../../stores/registry';
import type { PageProps } from '../../../stores/registry';
import { api } from '../../../api';
import type { CallError } from '../../../api';
import { putInstance, useFleet, useInstance, useRegionName } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { useIncidents, useStandingClock } from '../../../stores/standing';
import { chooseTab, go, instanceTabs, openDialog, openInstance } from '../../../stores/ui';
import type { InstanceTab } from '../../../stores/ui';
import { roleMessage } from '../../../../shared/domain/analysis/standing';
import { leftBehindBy } from '../../../../shared/domain/analysis/left-behind';
import { incidentsAt } from '../../../../shared/domain/analysis/incident';
import type { InstanceView } from '../../../../shared/domain/fleet/view';
import { AtWork } from '../../../ui/AtWork';
import { EmptyState } from '../../../ui/EmptyState';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { IconDotsVertical, IconLock, IconRefresh, IconSitemap } from '../../../ui/icons';
import { hasDependencies } from '../../../ui/instance-acts';
import { InstanceActItems } from '../../../ui/InstanceActs';
import { Page } from '../../../ui/Page';
import { WatchingNotes } from '../../../ui/QuietNote';
import { RoleIcon } from '../../../ui/RoleIcon';
import { StatusBadge } from '../../../ui/StatusBadge';
import { TimeText } from '../../../ui/TimeText';
import { HealthBadge } from '../../../ui/HealthBadge';
import { WatchingItems } from '../../../ui/WatchingItems';
import { InstanceDetails } from './InstanceDetails';
import { LagBand } from './LagBand';
import { IncidentCard } from '../IncidentCard';
import { ProtectionBand } from './ProtectionBand';
import classes from './InstancePage.module.css';

function InstanceMenu({ view, onError }: { view: InstanceView; onError: (error: CallError | null) => void }): ReactElement {
  const t = useText();
  const instanceId = view.instance.id;
  const refresh = async (): Promise<void> => {
    const answer = await api.fleet.refresh({ id: instanceId });
    onError(answer.ok ? null : answer.error);
    if (answer.ok) putInstance(answer.value);
  };
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon size={28} variant="default" aria-label={t('common.more')} title={t('common.more')}>
          <IconDotsVertical size={15} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconRefresh size={14} />} onClick={() => void refresh()}>
          {t('common.refresh')}
        </Menu.Item>
        <Menu.Divider />
        <WatchingItems views={[view]} />
        <Menu.Divider />
        <InstanceActItems view={view} without={['open', 'dependencies', 'operations', 'switch', 'emergency', 'fence']} />
      </Menu.Dropdown>
    </Menu>
  );
}

/** The line beneath the name: role, region, whom it follows since when. */
function Standing({ view }: { view: InstanceView }): ReactElement {
  const t = useText();
  const clock = useStandingClock();
  const region = useRegionName(view.instance.regionId);
  const source = useInstance(view.sourceId);
  const sourceRegion = useFleet((state) => state.regions.find(({ id }) => id === source?.instance.regionId)?.name);
  return (
    <span className={classes.standing}>
      <span>{t.message(roleMessage(view, clock))}</span>
      <span aria-hidden>·</span>
      <span>{region}</span>
      {source === undefined ? null : (
        <>
          <span aria-hidden>·</span>
          <span>
            {t('fleet.follows')}{' '}
            <Anchor component="button" type="button" size="sm" onClick={() => openInstance(source.instance.id)}>
              {source.instance.name}
            </Anchor>
            {sourceRegion === undefined ? null : t('fleet.follows.region', { region: sourceRegion })}
            {view.followsSince === null ? null : (
              <>
                {' '}
                <TimeText at={view.followsSince} show="day" within="fleet.follows.since" />
              </>
            )}
          </span>
        </>
      )}
    </span>
  );
}

/** A password is missing in this run: nothing can be read until it is given. */
function PasswordMissing({ view }: { view: InstanceView }): ReactElement | null {
  const t = useText();
  const { dialogs } = useFeatures();
  if (view.passwordKnown) return null;
  return (
    <div className={classes.locked}>
      <IconLock size={15} aria-hidden />
      <span>{t('fleet.password-missing')}</span>
      {dialogs['set-password'] === undefined ? null : (
        <Button variant="filled" onClick={() => openDialog({ kind: 'set-password', instanceId: view.instance.id })}>
          {t('fleet.set-password')}
        </Button>
      )}
    </div>
  );
}

/** The tabs that are built. The same for every role; what a standby locks is inside, and told by the lock. */
function TabList({ view, tab }: { view: InstanceView; tab: InstanceTab }): ReactElement {
  const t = useText();
  const { tabs } = useFeatures();
  const locked = view.role !== 'primary' && view.role !== 'stand-alone';
  return (
    <Tabs value={tab} onChange={(next) => chooseTab(view.instance.id, instanceTabs.find((one) => one === next) ?? 'details')}>
      <Tabs.List>
        {instanceTabs.filter((one) => one === 'details' || tabs[one] !== undefined).map((one) => (
          <Tabs.Tab key={one} value={one} rightSection={one === 'operations' && locked ? <IconLock size={13} aria-label={t('fleet.tab.locked')} /> : null}>
            {t(`fleet.tab.${one}`)}
          </Tabs.Tab>
        ))}
      </Tabs.List>
    </Tabs>
  );
}

/** One instance: who it is, then its tabs; the details begin with the one question that matters for its role. */
export function InstancePage({ page }: PageProps<'instance'>): ReactElement {
  const t = useText();
  const view = useInstance(page.instanceId);
  const loading = useFleet((state) => state.status === 'loading');
  const { slots, pages, tabs } = useFeatures();
  const isSuccessor = useFleet(({ instances }) => view !== undefined && leftBehindBy(view, instances).length > 0);
  const incidents = incidentsAt(useIncidents(), page.instanceId).filter(({ kind }) => kind !== 'problem');
  const told = new Set(incidents.map(({ cause }) => cause.problem));
  const [error, setError] = useState<CallError | null>(null);
  if (view === undefined) {
    return loading ? (
      <Page title={t('common.loading')}>{null}</Page>
    ) : (
      <Page title={t('common.nav.instance')}>
        <EmptyState title={t('fleet.gone.title')} text={t('fleet.gone.text')} action={<Button onClick={() => go({ id: 'fleet' })}>{t('common.nav.fleet')}</Button>} />
      </Page>
    );
  }
  const { instance, role } = view;
  const Action = slots.instanceAction;
  const Content = page.tab === 'details' ? undefined : tabs[page.tab];
  return (
    <Page
      icon={<RoleIcon role={role} size={16} />}
      title={
        <>
          {instance.name}
          <HealthBadge view={view} plain={false} />
          {instance.tls.mode === 'off' ? <StatusBadge tone="warn">{t('fleet.tls.off.badge')}</StatusBadge> : null}
        </>
      }
      sub={<Standing view={view} />}
      actions={
        <>
          {pages.dependencies !== undefined && hasDependencies(role) ? (
            <ActionIcon size={28} variant="default" aria-label={t('fleet.tree.dependencies', { name: instance.name })} title={t('fleet.tree.dependencies', { name: instance.name })} onClick={() => go({ id: 'dependencies', instanceId: instance.id })}>
              <IconSitemap size={15} />
            </ActionIcon>
          ) : null}
          <InstanceMenu view={view} onError={setError} />
          {Action === undefined ? null : <Action instanceId={instance.id} />}
        </>
      }
      tabs={
        <TabList view={view} tab={Content === undefined ? 'details' : page.tab} />
      }
    >
      {error === null ? null : (
        <div className={classes.error}>
          <ErrorNotice error={error} />
        </div>
      )}
      <PasswordMissing view={view} />
      <WatchingNotes view={view} />
      <AtWork view={view} />
      {Content !== undefined ? (
        <Content instanceId={instance.id} />
      ) : (
        <>
          {incidents.map((incident) => <IncidentCard key={incident.id} incident={incident} heading="h2" />)}
          {view.lag === null ? null : <LagBand view={view} lag={view.lag} />}
          {role === 'primary' || isSuccessor ? <ProtectionBand view={view} quiet={incidents.length > 0} /> : null}
          <InstanceDetails view={view} told={told} />
        </>
      )}
    </Page>
  );
}
