import type { ReactElement } from 'react';
import { useNow } from '../stores/clock';
import { useText, useTimeZone } from '../stores/language';
import { formatAgo, formatClock, formatDay, formatExact } from './format';

/**
 * A moment, in the zone the user chose: relative (`3 s ago`, keeps counting), as a day or as a time of day; the exact
 * one with its zone on hover. `at` is milliseconds since the epoch.
 */
export function TimeText({ at, show = 'ago' }: { at: number; show?: 'ago' | 'day' | 'clock' | 'exact' }): ReactElement {
  const t = useText();
  const zone = useTimeZone();
  const exact = formatExact(t.language, zone, at);
  const text = show === 'day' ? formatDay(t.language, zone, at) : show === 'clock' ? formatClock(t.language, zone, at) : show === 'exact' ? exact : null;
  return (
    <time dateTime={new Date(at).toISOString()} title={exact}>
      {text ?? <Ago at={at} />}
    </time>
  );
}

function Ago({ at }: { at: number }): ReactElement {
  const t = useText();
  const now = useNow();
  return <>{formatAgo(t, at, now)}</>;
}
