import { Anchor, Button } from '@mantine/core';
import type { ReactElement } from 'react';
import type { LeftBehind } from '../../../../shared/domain/analysis/left-behind';
import { useText } from '../../../stores/language';
import { useFeatures } from '../../../stores/registry';
import { go, openInstance } from '../../../stores/ui';
import { TimeText } from '../../../ui/TimeText';
import classes from './ProtectionBand.module.css';

/** An old primary that did not come home yet: since when it is gone, what is at risk, and the way home. */
export function LeftBehindLine({ left: { old, goneSince, atRisk } }: { left: LeftBehind }): ReactElement {
  const t = useText();
  const { pages } = useFeatures();
  const { id, name } = old.instance;
  const risk = goneSince === null ? 'fleet.left.only-there' : 'fleet.left.at-risk';
  return (
    <div className={classes.left}>
      <Anchor component="button" type="button" size="sm" onClick={() => openInstance(id)}>{name}</Anchor>
      {goneSince === null ? <span>{t('fleet.left.back')}</span> : <TimeText at={goneSince} show="minute" within="fleet.left.gone" />}
      <span aria-hidden>·</span>
      <span>{atRisk === null ? t('fleet.left.unknown') : t(risk, { n: atRisk })}</span>
      {pages.failback === undefined ? null : <Button size="xs" variant="filled" onClick={() => go({ id: 'failback', instanceId: id })}>{t('failback.open')}</Button>}
    </div>
  );
}
