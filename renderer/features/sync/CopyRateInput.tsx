import { NumberInput } from '@mantine/core';
import type { ReactElement } from 'react';
import { useText } from '../../stores/language';

/** How fast the first copy may read, in MB per second; null: no limit. */
export function CopyRateInput({
  value, focused = false, onChange,
}: {
  value: number | null;
  focused?: boolean;
  onChange: (value: number | null) => void;
}): ReactElement {
  const t = useText();
  return (
    <NumberInput
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      label={t('sync.wizard.copy-rate')}
      description={t('sync.wizard.copy-rate-text')}
      placeholder={t('sync.wizard.copy-rate-none')}
      value={value ?? ''}
      min={1}
      max={100_000}
      allowDecimal={false}
      suffix=" MB/s"
      w={280}
      data-autofocus={focused || undefined}
      autoFocus={focused}
      onChange={(next) => onChange(typeof next === 'number' && next > 0 ? next : null)}
    />
  );
}
