import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import { useText } from '../stores/language';
import { useHasDialog } from '../stores/registry';
import { openDialog } from '../stores/ui';
import { IconPlus } from './icons';

/** The way to the first server, and to the next one: where nothing is registered a page leads here. */
export function AddInstanceButton(): ReactElement | null {
  const t = useText();
  if (!useHasDialog('add-instance')) return null;
  return (
    <Button variant="filled" leftSection={<IconPlus size={14} />} onClick={() => openDialog({ kind: 'add-instance', prefill: {} })}>
      {t('fleet.add-instance')}
    </Button>
  );
}
