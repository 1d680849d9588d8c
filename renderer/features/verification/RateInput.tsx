import { NumberInput } from '@mantine/core';
import type { ReactElement } from 'react';
import { useText } from '../../stores/language';

/** Rows per second that a comparison reads at most on each side; empty: no limit of its own. */
export function RateInput({ rate, onChange, bare = false }: { rate: number | null; onChange: (rate: number | null) => void; bare?: boolean }): ReactElement {
  const t = useText();
  const name = t('verification.rate');
  return (
    <NumberInput
      {...(bare ? { 'aria-label': name, placeholder: name } : { label: name })} title={t('verification.rate.hint')} w={190} min={1} max={1_000_000_000} allowDecimal={false} allowNegative={false} clampBehavior="strict"
      value={rate ?? ''} onChange={(next) => onChange(typeof next === 'number' && next >= 1 ? next : null)}
    />
  );
}
