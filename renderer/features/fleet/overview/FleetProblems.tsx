import { Button } from '@mantine/core';
import { useMemo, useState } from 'react';
import type { ReactElement } from 'react';
import { groupIncidents } from '../../../../shared/domain/analysis/incident-groups';
import { fleetStandingOf } from '../../../../shared/domain/analysis/protection';
import { standingOf } from '../../../../shared/domain/analysis/standing';
import { useFleet } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { useIncidents, useStandingClock } from '../../../stores/standing';
import { Section } from '../../../ui/Page';
import { ProblemList } from '../../../ui/ProblemList';
import { StatusIcon } from '../../../ui/StatusBadge';
import { IncidentCard } from '../IncidentCard';
import { IncidentGroupCard } from '../IncidentGroupCard';
import { isCard, notesOf } from '../incidents';
import classes from './FleetProblems.module.css';

const shownAtFirst = 6;

/** The incidents of the fleet, worst first; notes only on demand. A quiet fleet says so and how it knows. */
export function FleetProblems(): ReactElement {
  const t = useText();
  const incidents = useIncidents();
  const instances = useFleet((state) => state.instances);
  const [all, setAll] = useState(false);
  // What a region has many of is one card; of what is left, some are cards and some are lines.
  const told = useMemo(() => groupIncidents(incidents, instances), [incidents, instances]);
  const cards = told.filter((one) => one.kind === 'group' || isCard(one.incident));
  const urgent = told.flatMap((one) => (one.kind === 'group' || isCard(one.incident) ? [] : [one.incident.cause]));
  const notes = notesOf(instances);
  const lines = [...urgent, ...notes];
  const shown = all ? lines : urgent.slice(0, shownAtFirst);
  const rest = lines.length - shown.length;
  return (
    <Section title={t('fleet.problems')} aside={notes.length > 0 && !all ? <span>{t('fleet.problems.notes', { n: notes.length })}</span> : undefined}>
      {cards.map((one) => (one.kind === 'group' ? <IncidentGroupCard key={one.id} group={one} /> : <IncidentCard key={one.id} incident={one.incident} heading="h3" />))}
      {incidents.length === 0 ? <Quiet /> : null}
      {shown.length === 0 ? null : <ProblemList problems={shown} opened={(problem, index) => index === 0 && problem.severity === 'critical'} />}
      {rest > 0 || all ? (
        <Button variant="subtle" onClick={() => setAll(!all)}>
          {all ? t('fleet.problems.fewer') : t('fleet.problems.more', { n: rest })}
        </Button>
      ) : null}
    </Section>
  );
}

/** Without a problem: what is not known and what is not protected is said before anything is called well. */
function Quiet(): ReactElement {
  const t = useText();
  const clock = useStandingClock();
  const instances = useFleet((state) => state.instances);
  const { tone, exposed } = fleetStandingOf(instances, clock);
  const others = instances.map((view) => [view.instance.name, standingOf(view, clock)] as const).filter(([, standing]) => standing.tone !== 'good');
  const text = others.length > 0
    ? t('fleet.problems.look', { names: others.map(([name, standing]) => `${name} (${t.message(standing.text)})`).join(', ') })
    : exposed.length > 0 ? t('fleet.problems.exposed', { names: exposed.map(({ instance }) => instance.name).join(', ') }) : t('fleet.problems.none');
  return <div className={classes.quiet}><StatusIcon tone={tone} size={15} note={tone === 'mute' && others.length === 0} /> {text}</div>;
}
