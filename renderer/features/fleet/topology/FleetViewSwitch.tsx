import { SegmentedControl } from '@mantine/core';
import type { ReactElement } from 'react';
import { useText } from '../../../stores/language';
import { useFeatures } from '../../../stores/registry';
import { go } from '../../../stores/ui';
import { IconSitemap, IconTable } from '../../../ui/icons';
import classes from './FleetViewSwitch.module.css';

/** Switches between the two ways to see the fleet: as a list, and as who replicates from whom. */
export function FleetViewSwitch({ value }: { value: 'fleet' | 'dependencies' }): ReactElement | null {
  const t = useText();
  const { pages } = useFeatures();
  if (pages.dependencies === undefined) return null;
  return (
    <SegmentedControl
      value={value}
      onChange={(next) => go(next === 'fleet' ? { id: 'fleet' } : { id: 'dependencies', instanceId: null })}
      aria-label={t('fleet.view')}
      data={[
        { value: 'fleet', label: <ViewLabel icon={<IconTable size={14} aria-hidden />} text={t('fleet.view.list')} /> },
        { value: 'dependencies', label: <ViewLabel icon={<IconSitemap size={14} aria-hidden />} text={t('fleet.view.dependencies')} /> },
      ]}
    />
  );
}

/** One choice between views: icon and word. */
export function ViewLabel({ icon, text }: { icon: ReactElement; text: string }): ReactElement {
  return (
    <span className={classes.label}>
      {icon}
      {text}
    </span>
  );
}
