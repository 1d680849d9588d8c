import { useId } from 'react';
import type { ReactElement } from 'react';
import type { IncidentGroup } from '../../../shared/domain/analysis/incident-groups';
import { useText } from '../../stores/language';
import { Fold } from '../../ui/Fold';
import { useIncidentGroupText } from '../../ui/incident-group-words';
import { ProblemList } from '../../ui/ProblemList';
import { StatusIcon, toneOf } from '../../ui/StatusBadge';
import { IncidentCard } from './IncidentCard';
import { isCard } from './incidents';
import classes from './IncidentCard.module.css';

/** Many incidents of one cause in one region as one card; each of them is folded under it, with the acts it has. */
export function IncidentGroupCard({ group }: { group: IncidentGroup }): ReactElement {
  const t = useText();
  const title = useId();
  const tone = toneOf(group.severity);
  const cards = group.incidents.filter(isCard);
  const lines = group.incidents.filter((incident) => !isCard(incident)).map(({ cause }) => cause);
  return (
    <section className={classes.card} data-tone={tone} aria-labelledby={title}>
      <div className={classes.head}>
        <StatusIcon tone={tone} size={20} />
        <div className={classes.main}>
          <h3 id={title} className={classes.headline}>{useIncidentGroupText()(group)}</h3>
        </div>
      </div>
      <Fold title={t('incident.group.each', { n: group.incidents.length })}>
        {cards.map((incident) => <IncidentCard key={incident.id} incident={incident} heading="h3" />)}
        {lines.length === 0 ? null : <ProblemList problems={lines} opened={() => false} />}
      </Fold>
    </section>
  );
}
