import type { ReactElement } from 'react';
import type { Role } from '../../shared/domain/fleet/role';
import { roleMessage } from '../../shared/domain/analysis/standing';
import type { InstanceView } from '../../shared/domain/fleet/view';
import { useText } from '../stores/language';
import { useStandingClock } from '../stores/standing';
import classes from './RoleIcon.module.css';

/** Shapes within a 16 × 16 box: filled takes writes, hollow follows, a round one stands alone. Roles have no colour. */
function shape(role: Role): ReactElement {
  const line = { fill: 'none', stroke: 'currentColor', strokeWidth: 1.6, strokeLinejoin: 'round' as const, strokeLinecap: 'round' as const };
  switch (role) {
    case 'primary':
      return <path d="M8 1.5 14.5 8 8 14.5 1.5 8Z" fill="currentColor" />;
    case 'standby':
      return <path d="M8 2.2 13.8 8 8 13.8 2.2 8Z" {...line} />;
    case 'local-replica':
      return (
        <>
          <path d="M6.2 3 11.2 8 6.2 13 1.2 8Z" {...line} />
          <path d="M10 3 15 8 10 13" {...line} />
        </>
      );
    case 'read-only':
      return (
        <>
          <path d="M8 2.2 13.8 8 8 13.8 2.2 8Z" {...line} />
          <circle cx="8" cy="8" r="1.8" fill="currentColor" />
        </>
      );
    case 'stand-alone':
      return <circle cx="8" cy="8" r="5.4" {...line} />;
    case 'fenced':
      return (
        <>
          <circle cx="8" cy="8" r="5.4" {...line} />
          <path d="m4.3 4.3 7.4 7.4" {...line} />
        </>
      );
    case 'unknown':
      return <circle cx="8" cy="8" r="5.4" {...line} strokeDasharray="2.2 2.6" />;
    default: {
      const unknown: never = role;
      throw new Error(`Unknown role ${String(unknown)}`);
    }
  }
}

/** The shape of a role, inside an SVG that is being drawn (16 × 16 units). */
export function RoleShape({ role }: { role: Role }): ReactElement {
  return <g aria-hidden>{shape(role)}</g>;
}

/** The icon of a role; `label` also says its word to screen readers where no word stands beside it. */
export function RoleIcon({ role, size = 14, label = false }: { role: Role; size?: number; label?: boolean }): ReactElement {
  const t = useText();
  const word = t(`common.role.${role}`);
  return (
    <svg width={size} height={size} viewBox="0 0 16 16" role={label ? 'img' : undefined} aria-label={label ? word : undefined} aria-hidden={label ? undefined : true} focusable="false">
      {label ? <title>{word}</title> : null}
      {shape(role)}
    </svg>
  );
}

/** Icon and word of what an instance is; of an old primary, how its fence was measured. */
export function RoleLabel({ view }: { view: InstanceView }): ReactElement {
  const t = useText();
  const clock = useStandingClock();
  const words = t.message(roleMessage(view, clock));
  return (
    <span className={classes.label} title={words}>
      <RoleIcon role={view.role} />
      <span className={classes.words}>{words}</span>
    </span>
  );
}
