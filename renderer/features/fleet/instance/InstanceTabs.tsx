import { Tabs } from '@mantine/core';
import type { ReactElement } from 'react';
import type { MessageKey } from '../../../../shared/i18n/en';
import type { InstanceView } from '../../../../shared/domain/fleet/view';
import { useText } from '../../../stores/language';
import { useFeatures } from '../../../stores/registry';
import type { Features } from '../../../stores/registry';
import { instanceTabs, openInstance } from '../../../stores/ui';
import type { InstanceTab } from '../../../stores/ui';
import { IconLock } from '../../../ui/icons';

const names: Readonly<Record<InstanceTab, MessageKey>> = {
  details: 'fleet.tab.details', monitoring: 'fleet.tab.monitoring', backups: 'fleet.tab.backups', slow: 'slow.tab', operations: 'fleet.tab.operations',
};

/** The tab that is shown where one is asked for: one that is not built gives way to *Details*. */
export function shownTab(asked: InstanceTab, slots: Features['slots']): InstanceTab {
  return asked === 'details' || slots.tabs?.[asked] === undefined ? 'details' : asked;
}

/** The tabs of an instance. On a standby the operations alone carry a lock: a standby keeps all the others. */
export function InstanceTabs({ view: { instance, role }, tab }: { view: InstanceView; tab: InstanceTab }): ReactElement {
  const t = useText();
  const { slots } = useFeatures();
  const isLocked = role !== 'primary' && role !== 'stand-alone';
  return (
    <Tabs value={tab} onChange={(next) => openInstance(instance.id, instanceTabs.find((one) => one === next) ?? 'details')}>
      <Tabs.List>
        {instanceTabs.filter((one) => shownTab(one, slots) === one).map((one) => (
          <Tabs.Tab key={one} value={one} rightSection={one === 'operations' && isLocked ? <IconLock size={13} aria-label={t('fleet.tab.locked')} /> : null}>
            {t(names[one])}
          </Tabs.Tab>
        ))}
      </Tabs.List>
    </Tabs>
  );
}
