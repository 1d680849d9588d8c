import { Checkbox, Stack } from '@mantine/core';
import type { ReactElement } from 'react';
import type { EventChoice } from '../../../shared/domain/promotion/promotion';
import { useText } from '../../stores/language';

interface Props {
  readonly events: readonly EventChoice[];
  /** Told the names of all that are to run. */
  readonly onChoose: (names: string[]) => void;
}

/** Events of which nobody knows whether they ran on the old primary: each stays off unless it is ticked. */
export function EventChoices({ events, onChoose }: Props): ReactElement | null {
  const t = useText();
  if (events.length === 0) return null;
  const chosen = events.filter(({ on }) => on).map(({ name }) => name);
  return (
    <Checkbox.Group
      label={t('promotion.dialog.events')}
      description={t('promotion.dialog.events-text')}
      value={chosen}
      onChange={onChoose}
    >
      <Stack gap={4} mt={6}>
        {events.map(({ name }) => <Checkbox key={name} value={name} label={name} />)}
      </Stack>
    </Checkbox.Group>
  );
}
