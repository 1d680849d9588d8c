import { Menu } from '@mantine/core';
import type { ReactElement } from 'react';
import type { InstanceView } from '../../shared/domain/fleet/view';
import { useText } from '../stores/language';
import { openDialog, watchingActs, type WatchingAct } from '../stores/ui';
import { IconAlertCircle, IconCheck, IconCircleMinus, IconPlayerPause, IconPlayerPlay } from './icons';

const icons: Record<WatchingAct, typeof IconCheck> = {
  'acknowledge': IconCheck, 'silence': IconCircleMinus, 'pause': IconPlayerPause, 'end-silence': IconAlertCircle, 'resume': IconPlayerPlay,
};

/** Whether a word about watching means anything for one of these at least. */
function applies(act: WatchingAct, views: readonly InstanceView[]): boolean {
  switch (act) {
    case 'acknowledge':
      return views.some(({ problems }) => problems.some(({ severity, quiet }) => severity !== 'info' && quiet?.kind !== 'acknowledged'));
    case 'silence':
      return true;
    case 'pause':
      return views.some(({ paused }) => paused === null);
    case 'end-silence':
      return views.some(({ silenced }) => silenced !== null);
    case 'resume':
      return views.some(({ paused }) => paused !== null);
    default:
      return act satisfies never;
  }
}

/** What can be said about how these instances are watched, as the lines of a menu. */
export function WatchingItems({ views }: { views: readonly InstanceView[] }): ReactElement {
  const t = useText();
  const instanceIds = views.map(({ instance }) => instance.id);
  return (
    <>
      {watchingActs.filter((act) => applies(act, views)).map((act) => {
        const Icon = icons[act];
        return (
          <Menu.Item key={act} leftSection={<Icon size={14} />} onClick={() => openDialog({ kind: 'watching', instanceIds, act })}>
            {t(`attention.act.${act}`)}
          </Menu.Item>
        );
      })}
    </>
  );
}
