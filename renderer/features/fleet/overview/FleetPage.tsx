import { ActionIcon, Loader, Menu } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { useFeatures } from '../../../stores/registry';
import { api } from '../../../api';
import type { CallError } from '../../../api';
import { fleetStandingOf } from '../../../../shared/domain/analysis/protection';
import { loadFleet, useFleet } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { useStandingClock } from '../../../stores/standing';
import { openDialog } from '../../../stores/ui';
import { AddInstanceButton } from '../../../ui/AddInstanceButton';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { IconDotsVertical, IconDownload, IconFlask, IconFolders, IconUpload } from '../../../ui/icons';
import { Page } from '../../../ui/Page';
import { StatusBadge } from '../../../ui/StatusBadge';
import { FleetViewSwitch } from '../topology/FleetViewSwitch';
import { FleetStart } from './FleetStart';
import { InstanceTable } from './InstanceTable';
import { FleetProblems } from './FleetProblems';
import classes from './FleetPage.module.css';

function FleetMenu({ onError }: { onError: (error: CallError | null) => void }): ReactElement {
  const t = useText();
  const { dialogs } = useFeatures();
  const exportInventory = async (): Promise<void> => {
    onError(null);
    const text = await api.fleet.exportInventory();
    if (!text.ok) return onError(text.error);
    const saved = await api.app.saveText({ suggestedName: 'antipode-inventory.json', text: text.value });
    if (!saved.ok) onError(saved.error);
  };
  const importInventory = async (): Promise<void> => {
    onError(null);
    const file = await api.app.openText({ extensions: ['json'] });
    if (!file.ok) return onError(file.error);
    if (file.value !== null) openDialog({ kind: 'import-inventory', ...file.value });
  };
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon size={28} variant="default" aria-label={t('common.more')} title={t('common.more')}>
          <IconDotsVertical size={15} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {dialogs['manage-groups'] === undefined ? null : (
          <Menu.Item leftSection={<IconFolders size={14} />} onClick={() => openDialog({ kind: 'manage-groups' })}>
            {t('fleet.groups.title')}
          </Menu.Item>
        )}
        <Menu.Item leftSection={<IconDownload size={14} />} onClick={() => void importInventory()}>
          {t('fleet.import')}
        </Menu.Item>
        <Menu.Item leftSection={<IconUpload size={14} />} onClick={() => void exportInventory()}>
          {t('fleet.export')}
        </Menu.Item>
        {dialogs.lab === undefined ? null : (
          <Menu.Item leftSection={<IconFlask size={14} />} onClick={() => openDialog({ kind: 'lab' })}>
            {t('lab.panel.title')}
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

/** The figures under the page's title: what is wrong, how much is protected. */
function Figures(): ReactElement {
  const t = useText();
  const instances = useFleet((state) => state.instances);
  const figures = fleetStandingOf(instances, useStandingClock());
  const { exposed } = figures;
  return (
    <span className={classes.figures}>
      {figures.critical > 0 ? <StatusBadge tone="bad">{t('fleet.figures.critical', { n: figures.critical })}</StatusBadge> : null}
      {figures.warning > 0 ? <StatusBadge tone="warn">{t('fleet.figures.warning', { n: figures.warning })}</StatusBadge> : null}
      {figures.unknown > 0 ? <StatusBadge tone="mute">{t('fleet.figures.unknown', { n: figures.unknown })}</StatusBadge> : null}
      {figures.paused > 0 ? <StatusBadge tone="calm">{t('fleet.figures.paused', { n: figures.paused })}</StatusBadge> : null}
      {exposed.length > 0 ? <StatusBadge tone="calm">{t('fleet.figures.exposed', { n: exposed.length })}</StatusBadge> : null}
      {figures.isQuiet ? <StatusBadge tone="good">{t('fleet.figures.quiet')}</StatusBadge> : null}
      <span>{t('fleet.instances', { n: figures.instances })}</span>
      {figures.primaries === 0 ? null : <span>{t('fleet.figures.protected', { n: figures.protectedPrimaries, total: figures.primaries })}</span>}
      {figures.partlyProtected === 0 ? null : <span>{t('fleet.figures.partly', { n: figures.partlyProtected })}</span>}
    </span>
  );
}

/** The fleet: what is wrong and where, then every instance. */
export function FleetPage(): ReactElement {
  const t = useText();
  const status = useFleet((state) => state.status);
  const error = useFleet((state) => state.error);
  const empty = useFleet((state) => state.instances.length === 0);
  const quarantined = useFleet((state) => state.quarantined);
  const [fileError, setFileError] = useState<CallError | null>(null);

  if (status === 'loading') {
    return (
      <Page title={t('fleet.title')}>
        <div className={classes.loading} role="status">
          <Loader size="xs" aria-hidden /> {t('common.loading')}
        </div>
      </Page>
    );
  }
  if (status === 'failed' && error !== null) {
    return (
      <Page title={t('fleet.title')}>
        <ErrorNotice error={error} safe={t('fleet.load-failed.safe')} onRetry={() => void loadFleet()} />
      </Page>
    );
  }
  return (
    <Page
      title={t('fleet.title')}
      sub={empty ? undefined : <Figures />}
      actions={
        <>
          {empty ? null : <FleetViewSwitch value="fleet" />}
          {empty ? null : <AddInstanceButton />}
          <FleetMenu onError={setFileError} />
        </>
      }
    >
      <div className={classes.stack}>
        {fileError === null ? null : <ErrorNotice error={fileError} />}
        {quarantined.length === 0 ? null : (
          <div className={classes.quarantined}>
            <StatusBadge tone="warn">{t('fleet.quarantined', { n: quarantined.length })}</StatusBadge> {t('fleet.quarantined.text', { names: quarantined.join(', ') })}
          </div>
        )}
        {empty ? (
          <FleetStart />
        ) : (
          <>
            <FleetProblems />
            <InstanceTable />
          </>
        )}
      </div>
    </Page>
  );
}
