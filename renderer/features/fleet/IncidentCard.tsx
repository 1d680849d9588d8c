import { Anchor } from '@mantine/core';
import { useId } from 'react';
import type { ReactElement } from 'react';
import { markedTitle } from '../../../shared/domain/analysis/standing-text';
import type { Incident } from '../../../shared/domain/analysis/incident';
import { useRegionName } from '../../stores/fleet';
import { useText } from '../../stores/language';
import { useFeatures } from '../../stores/registry';
import { openInstance } from '../../stores/ui';
import { Fold } from '../../ui/Fold';
import { useIncidentText } from '../../ui/incident-words';
import { ProblemActButton } from '../../ui/ProblemAct';
import { ProblemWord } from '../../ui/QuietNote';
import { ProblemList } from '../../ui/ProblemList';
import { problemCure, problemMeaning } from '../../ui/problem-text';
import { StatusBadge, StatusIcon, toneOf } from '../../ui/StatusBadge';
import classes from './IncidentCard.module.css';

/** One incident: its headline, what is known, the one act that is recommended; what follows from it is folded under it. `heading`: its level on the page. */
export function IncidentCard({ incident, heading: Heading }: { incident: Incident; heading: 'h2' | 'h3' }): ReactElement {
  const t = useText();
  const { headline, facts, blocked } = useIncidentText()(incident);
  const { view, problem } = incident.cause;
  const region = useRegionName(view.instance.regionId);
  const Cure = useFeatures().slots.problemCure;
  const tone = toneOf(incident.severity);
  const title = useId();
  const meaning = incident.kind === 'primary-down' ? null : problemMeaning(t, problem);
  const cure = incident.kind === 'primary-down' ? null : problemCure(t, problem);
  return (
    <section className={classes.card} data-tone={tone} aria-labelledby={title}>
      <div className={classes.head}>
        <StatusIcon tone={tone} size={20} />
        <div className={classes.main}>
          <Heading id={title} className={classes.headline}>{markedTitle(t, headline, problem)}</Heading>
          {blocked === null ? null : <StatusBadge tone="bad" plain>{blocked}</StatusBadge>}
          <p className={classes.facts}>
            {facts.map((fact) => <span key={fact}>{fact}</span>)}
            <span>
              <Anchor component="button" type="button" size="sm" onClick={() => openInstance(view.instance.id)}>{view.instance.name}</Anchor> {region}
            </span>
          </p>
        </div>
        {incident.act === null ? null : (
          <div className={classes.act}>
            <ProblemActButton act={incident.act} recommended />
          </div>
        )}
      </div>
      {meaning === null ? null : <p className={classes.more}>{meaning}</p>}
      {cure === null ? null : <p className={classes.more}><b>{t('fleet.problem.cure')}</b> {cure}</p>}
      <div className={classes.cure}><ProblemWord instanceId={view.instance.id} problem={problem} /></div>
      {Cure === undefined ? null : <div className={classes.cure}><Cure instanceId={view.instance.id} problem={problem} /></div>}
      {incident.symptoms.length === 0 ? null : (
        <Fold title={t('incident.symptoms', { n: incident.symptoms.length })}>
          <ProblemList problems={incident.symptoms} opened={() => false} />
        </Fold>
      )}
    </section>
  );
}
