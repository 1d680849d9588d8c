import type { ReactElement } from 'react';
import { useNow } from '../stores/clock';
import { useText, useTimeZone } from '../stores/language';
import { formatAgo, formatClock, formatDay, formatExact, formatMinute } from './format';

type TextWithTime = 'fleet.follows.since' | 'sync.verify.since' | 'fleet.left.gone';

/**
 * A moment, in the zone the user chose: relative (`3 s ago`, keeps counting), as a day, as a time of day or to the minute; the exact
 * one with its zone on hover. `at` is milliseconds since the epoch. `within` is a text with the placeholder `when`: languages put
 * the word for "since" on different sides.
 */
export function TimeText({ at, show = 'ago', within }: {
  at: number; show?: 'ago' | 'day' | 'clock' | 'minute' | 'exact'; within?: TextWithTime;
}): ReactElement {
  const t = useText();
  const zone = useTimeZone();
  const exact = formatExact(t.language, zone, at);
  const forms = { ago: () => null, day: formatDay, clock: formatClock, minute: formatMinute, exact: formatExact } as const;
  const text = forms[show](t.language, zone, at);
  return (
    <time dateTime={new Date(at).toISOString()} title={exact}>
      {text === null ? <Ago at={at} within={within} /> : within === undefined ? text : t(within, { when: text })}
    </time>
  );
}

function Ago({ at, within }: { at: number; within: TextWithTime | undefined }): ReactElement {
  const t = useText();
  const ago = formatAgo(t, at, useNow());
  return <>{within === undefined ? ago : t(within, { when: ago })}</>;
}
