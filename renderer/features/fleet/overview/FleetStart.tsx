import type { ReactElement } from 'react';
import { useFeatures } from '../../../stores/registry';
import { useText } from '../../../stores/language';
import { AddInstanceButton } from '../../../ui/AddInstanceButton';
import { IconFlask, IconPlus } from '../../../ui/icons';
import classes from './FleetStart.module.css';

/** The first page of an empty inventory: add a server of one's own, or practise on servers made for it. */
export function FleetStart(): ReactElement {
  const t = useText();
  const Practice = useFeatures().slots.practice;
  return (
    <div className={classes.start}>
      <div className={classes.intro}>
        <h2 className={classes.title}>{t('fleet.start.title')}</h2>
        <p>{t('fleet.start.text')}</p>
      </div>
      <div className={classes.ways}>
        <section className={classes.way}>
          <h3 className={classes.wayTitle}>
            <IconPlus size={16} aria-hidden /> {t('fleet.add-instance')}
          </h3>
          <p className={classes.text}>{t('fleet.start.add-text')}</p>
          <ul className={classes.needs}>
            <li>{t('fleet.start.need-login')}</li>
            <li>{t('fleet.start.need-gtid')}</li>
            <li>{t('fleet.start.need-region')}</li>
          </ul>
          <div>
            <AddInstanceButton />
          </div>
        </section>
        {Practice === undefined ? null : (
          <section className={classes.way}>
            <h3 className={classes.wayTitle}>
              <IconFlask size={16} aria-hidden /> {t('lab.panel.title')}
            </h3>
            <p className={classes.text}>{t('lab.panel.text')}</p>
            <Practice />
          </section>
        )}
      </div>
    </div>
  );
}
