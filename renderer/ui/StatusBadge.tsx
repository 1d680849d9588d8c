import type { ReactElement, ReactNode } from 'react';
import type { Severity } from '../../shared/domain/fleet/problem';
import { useText } from '../stores/language';
import { IconAlertOctagonFilled, IconAlertTriangleFilled, IconCircleCheckFilled, IconCircleMinus, IconHelpCircle, IconInfoCircle, IconLoader2 } from './icons';
import classes from './StatusBadge.module.css';

/** What colour may say: healthy, needs a look, at risk, unknown or stale, under way; `calm`: grey as well, and known: nothing is to be judged. */
export type Tone = 'good' | 'warn' | 'bad' | 'mute' | 'busy' | 'calm';

const icons = {
  good: IconCircleCheckFilled, warn: IconAlertTriangleFilled, bad: IconAlertOctagonFilled, mute: IconHelpCircle, busy: IconLoader2, calm: IconCircleMinus,
};

/** The tone of a problem's severity. */
export function toneOf(severity: Severity): Tone {
  switch (severity) {
    case 'critical':
      return 'bad';
    case 'warning':
      return 'warn';
    case 'info':
      return 'mute';
    default: {
      const unknown: never = severity;
      throw new Error(`Unknown severity ${String(unknown)}`);
    }
  }
}

/** The icon of a tone alone, for places where the word stands beside it. Hidden from screen readers. */
export function StatusIcon({ tone, size = 14, note = false }: { tone: Tone; size?: number; note?: boolean }): ReactElement {
  const Icon = note ? IconInfoCircle : icons[tone];
  return <Icon size={size} className={classes.icon} data-tone={tone} aria-hidden />;
}

type Said = { readonly tone: Exclude<Tone, 'calm'>; readonly children?: undefined } | { readonly tone: Tone; readonly children: NonNullable<ReactNode> };

/**
 * A state: icon, colour and word together, never colour alone. The word defaults to the tone's own; `calm` has none.
 * `plain` leaves the ground out, for dense tables.
 */
export function StatusBadge({ plain = false, title, ...said }: Said & { readonly plain?: boolean; readonly title?: string }): ReactElement {
  const { tone } = said;
  const t = useText();
  return (
    <span className={classes.badge} data-tone={tone} data-plain={plain || undefined} title={title}>
      <StatusIcon tone={tone} />
      <span className={classes.word}>{said.children === undefined ? t(`common.state.${said.tone}`) : said.children}</span>
    </span>
  );
}
