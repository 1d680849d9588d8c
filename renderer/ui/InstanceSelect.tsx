import { Select } from '@mantine/core';
import type { ReactElement } from 'react';
import type { InstanceView } from '../../shared/domain/fleet/view';
import { useFleet } from '../stores/fleet';
import { useText } from '../stores/language';

/** Chooses an instance, grouped by region; `allow` says which may be chosen and why another may not. */
export function InstanceSelect({
  label, value, onChange, allow, error,
}: {
  label: string;
  value: string;
  onChange: (id: string) => void;
  allow: (view: InstanceView) => boolean;
  error?: string | null;
}): ReactElement {
  const t = useText();
  const regions = useFleet((state) => state.regions);
  const instances = useFleet((state) => state.instances);
  const data = regions
    .map((region) => ({
      group: region.name,
      items: instances
        .filter((view) => view.instance.regionId === region.id)
        .map((view) => ({ value: view.instance.id, label: `${view.instance.name} · ${t(`common.role.${view.role}`)}`, disabled: !allow(view) })),
    }))
    .filter((group) => group.items.length > 0);
  return (
    <Select label={label} placeholder={t('sync.wizard.choose')} data={data} value={value === '' ? null : value} onChange={(id) => onChange(id ?? '')} searchable error={error} />
  );
}
