import { Button, Tooltip } from '@mantine/core';
import { useMemo } from 'react';
import type { ReactElement, ReactNode } from 'react';
import type { InstanceFacts } from '../../../../shared/domain/fleet/facts';
import type { Problem } from '../../../../shared/domain/fleet/problem';
import type { InstanceView } from '../../../../shared/domain/fleet/view';
import { localReplicaObstacleOf } from '../../../../shared/domain/analysis/obstacle';
import { isReplicaRole } from '../../../../shared/domain/fleet/role';
import { formatEndpoint, replicationEndpoint } from '../../../../shared/domain/fleet/instance';
import type { Translator } from '../../../../shared/i18n/translate';
import { useFeatures, useHasDialog } from '../../../stores/registry';
import { useFleet } from '../../../stores/fleet';
import { useNumber, useText } from '../../../stores/language';
import { openDialog, openInstance } from '../../../stores/ui';
import { CopyText, GtidText } from '../../../ui/CopyText';
import { formatDuration } from '../../../ui/format';
import { IconPlus } from '../../../ui/icons';
import { useIsOld } from '../../../ui/LagBadge';
import { Facts, Section } from '../../../ui/Page';
import { StatusBadge } from '../../../ui/StatusBadge';
import { TimeText } from '../../../ui/TimeText';
import { FittedGraph } from '../topology/ZoomedGraph';
import { dependencyModel } from '../topology/dependency-model';
import { ProblemRow } from '../../../ui/ProblemList';
import classes from './InstanceDetails.module.css';

type FactRow = { readonly name: ReactNode; readonly value: ReactNode; readonly wide?: boolean };

/** Read-only state in words: super_read_only where the server has it, else read_only. */
function readOnlyText(t: Translator, { readOnly, superReadOnly }: InstanceFacts['server']): string {
  if (superReadOnly === true) return t('fleet.readonly.super');
  if (readOnly) return t(superReadOnly === null ? 'fleet.readonly.only-old' : 'fleet.readonly.only');
  return t('fleet.readonly.writable');
}

/** Threads that run are of the server's own too, such as an applier: no part of the connections. What was not read is not 0. */
function connectionsText(t: Translator, number: (value: number) => string, { threadsConnected, threadsRunning }: InstanceFacts['server']): string {
  if (threadsConnected === null) return t('common.not-known');
  return t('fleet.facts.connections-value', {
    connected: number(threadsConnected), running: threadsRunning === null ? t('common.not-known') : number(threadsRunning),
  });
}

/** In whole units with its sign; 0 has none. */
function signedText(number: (value: number) => string, value: number): string {
  const whole = Math.round(value);
  return whole === 0 ? number(0) : `${whole > 0 ? '+' : ''}${number(whole)}`;
}

function serverRows(t: Translator, number: (value: number) => string, facts: InstanceFacts, old: boolean, gtidAction: ReactNode): readonly FactRow[] {
  const { server, gtid, binlog } = facts;
  const gtidOn = server.gtidMode === 'ON';
  const rows: (FactRow | null)[] = [
    { name: t('common.version'), value: <span title={server.versionComment}>{`${server.version} · ${server.versionComment.replace(/^\((.*)\)$/, '$1')}`}</span> },
    { name: t('fleet.facts.uptime'), value: server.uptimeSeconds === null ? t('common.not-known') : formatDuration(t, server.uptimeSeconds * 1000) },
    { name: t('fleet.facts.read-only'), value: readOnlyText(t, server) },
    { name: t('fleet.facts.connections'), value: connectionsText(t, number, server) },
    {
      name: t('fleet.facts.gtid-mode'),
      value: (
        <>
          <StatusBadge tone={old ? 'mute' : gtidOn ? 'good' : 'warn'} plain>
            {server.gtidMode}
          </StatusBadge>
          <span className={classes.faint}> · enforce_gtid_consistency {server.enforceGtidConsistency}</span> {gtidAction}
        </>
      ),
    },
    {
      name: t('fleet.facts.binlog'),
      value: server.logBin ? [server.binlogFormat, server.binlogRowImage, binlog === null ? null : `${binlog.file}:${binlog.position}`].filter((bit) => bit !== null).join(' · ') : <StatusBadge tone={old ? 'mute' : 'warn'} plain>{t('common.off')}</StatusBadge>,
    },
    {
      name: t('fleet.facts.retention'),
      value: server.binlogExpireSeconds === null ? t('common.not-known') : server.binlogExpireSeconds === 0 ? t('fleet.facts.retention-ever') : formatDuration(t, server.binlogExpireSeconds * 1000),
    },
    { name: t('fleet.facts.server-id'), value: String(server.serverId) },
    server.uuid === null ? null : { name: 'server_uuid', value: <CopyText value={server.uuid} what="server_uuid" />, wide: true },
    { name: t('fleet.facts.executed'), value: <GtidText set={gtid.executed} what="gtid_executed" />, wide: true },
    { name: t('fleet.facts.purged'), value: <GtidText set={gtid.purged} what="gtid_purged" />, wide: true },
    { name: t('fleet.facts.charset'), value: `${server.characterSetServer} · ${server.collationServer}` },
    { name: t('fleet.facts.time-zone'), value: server.timeZone === 'SYSTEM' ? `SYSTEM (${server.systemTimeZone})` : server.timeZone },
    { name: t('fleet.facts.events'), value: [server.eventScheduler ?? t('common.not-known'), server.enabledEvents === null ? null : t('fleet.facts.events-value', { n: server.enabledEvents })].filter((bit) => bit !== null).join(' · ') },
    facts.clockOffsetMs === null ? null : { name: t('fleet.facts.clock'), value: t('fleet.facts.clock-value', { n: signedText(number, facts.clockOffsetMs) }) },
  ];
  return rows.filter((row) => row !== null);
}

/** When the facts were read, in the order of the language: `read 3 s ago`, `3 秒前读取`. */
function Read({ at }: { at: number }): ReactElement {
  const [before = '', after = ''] = useText()('fleet.facts.read', { ago: '\u0001' }).split('\u0001');
  return <>{before}<TimeText at={at} />{after}</>;
}

/** GTIDs are off here, or not everything is ready for them: the way there. */
function TurnGtidOn({ view }: { view: InstanceView }): ReactElement | null {
  const t = useText();
  const built = useHasDialog('enable-gtid');
  if (!built || view.facts === null) return null;
  const { server, channels } = view.facts;
  if (server.gtidMode === 'ON' && server.enforceGtidConsistency === 'ON' && channels.every(({ autoPosition }) => autoPosition)) return null;
  return <Button onClick={() => openDialog({ kind: 'enable-gtid', instanceId: view.instance.id })}>{t('gtid.open')}</Button>;
}

/** Why no DR instance (or, behind a standby, no local replica) can be added, or the button that adds one. */
function AddStandby({ view }: { view: InstanceView }): ReactElement | null {
  const t = useText();
  const built = useHasDialog('add-standby');
  // Behind a standby stands its local replica (S2); nothing stands behind that, or behind a read-only instance.
  const local = view.role === 'standby';
  if (!built || view.role === 'local-replica' || view.role === 'read-only' || view.role === 'fenced') return null;
  const obstacle = local ? localReplicaObstacleOf(view) : view.standbyObstacle;
  const reason = obstacle === null ? null : t.message(obstacle);
  const button = (
    <Button leftSection={<IconPlus size={14} />} disabled={reason !== null} onClick={() => openDialog({ kind: 'add-standby', sourceId: view.instance.id })}>
      {t(local ? 'fleet.add-local-replica' : 'fleet.add-standby')}
    </Button>
  );
  return reason === null ? (
    button
  ) : (
    <span className={classes.obstacle}>
      <span>{reason}</span>
      <Tooltip label={reason}>
        <span>{button}</span>
      </Tooltip>
    </span>
  );
}

function Architecture({ view }: { view: InstanceView }): ReactElement {
  const t = useText();
  const { regions, instances, byId, topology } = useFleet();
  const id = view.instance.id;
  const model = useMemo(() => dependencyModel({ regions, instances, byId, topology }, id, t('fleet.unregistered')), [regions, instances, byId, topology, id, t]);
  return (
    <Section title={t('fleet.architecture')} aside={<AddStandby view={view} />}>
      <FittedGraph label={t('fleet.architecture')} model={model} selectedId={id} goneRegionId={null} onOpen={(other) => openInstance(other)} />
    </Section>
  );
}

function endpointRows(t: Translator, view: InstanceView): readonly FactRow[] {
  const { instance } = view;
  const admin = formatEndpoint(instance.admin);
  const replication = formatEndpoint(replicationEndpoint(instance));
  const plain = instance.tls.mode === 'off';
  return [
    { name: t('fleet.endpoint.admin'), value: <CopyText value={admin} what={t('fleet.endpoint.admin')} /> },
    {
      name: t('fleet.endpoint.replication'),
      value: (
        <>
          <CopyText value={replication} what={t('fleet.endpoint.replication')} />
          {instance.replication === null ? <span className={classes.faint}> {t('fleet.endpoint.same')}</span> : null}
        </>
      ),
    },
    {
      name: t('fleet.endpoint.from'),
      value: instance.connectsFrom === undefined
        ? <span className={classes.faint}>{t('fleet.endpoint.anywhere')}</span>
        : <CopyText value={instance.connectsFrom} what={t('fleet.endpoint.from')} />,
    },
    { name: t('fleet.form.user'), value: <CopyText value={instance.user} what={t('fleet.form.user')} /> },
    {
      name: 'TLS',
      value: (
        <StatusBadge tone={plain ? 'warn' : instance.tls.mode === 'preferred' ? 'calm' : 'good'} plain>
          {t(`fleet.tls.${instance.tls.mode}`)}
        </StatusBadge>
      ),
    },
  ];
}

/** Everything known about one instance: problems with cures, where it stands, addresses, server facts, note. */
export function InstanceDetails({ view, told }: {
  view: InstanceView;
  /** Problems that are told above, with their incident. */
  told: ReadonlySet<Problem>;
}): ReactElement {
  const t = useText();
  const number = useNumber();
  const { slots } = useFeatures();
  const StandbySync = slots.standbySync;
  // What is not watched is as old as what was not read for long: nobody looks whether it still holds.
  const old = useIsOld(view.facts?.sampledAt ?? null) || view.paused !== null;
  const project = useFleet((state) => state.projects.find(({ id }) => id === view.instance.projectId)?.name);
  const { note } = view.instance;
  const problems = view.problems.filter((problem) => !told.has(problem));
  return (
    <>
      {problems.length === 0 ? null : (
        <Section title={t('fleet.problems')}>
          <ul className={classes.problems}>
            {problems.map((problem, index) => (
              <ProblemRow key={`${problem.code}/${index}`} view={view} problem={problem} withInstance={false} initiallyOpen={problem.severity !== 'info' && index < 2} />
            ))}
          </ul>
        </Section>
      )}
      {StandbySync === undefined || (!isReplicaRole(view.role) && view.instance.intent.kind !== 'replica') ? null : <StandbySync instanceId={view.instance.id} />}
      <Architecture view={view} />
      <Section title={t('fleet.endpoints')} boxed>
        <Facts rows={endpointRows(t, view)} />
      </Section>
      <Section title={t('fleet.server')} aside={view.facts === null ? undefined : <span className={classes.age} data-old={old || undefined}><Read at={view.facts.sampledAt} /></span>} boxed>
        {view.facts === null ? (
          <p className={classes.never}>{t('fleet.facts.never')}</p>
        ) : (
          <div className={classes.facts} data-old={old || undefined}>
            <Facts rows={serverRows(t, number, view.facts, old, <TurnGtidOn view={view} />)} />
            {view.facts.unread.length === 0 ? null : (
              <div className={classes.unread}>
                <StatusBadge tone="mute" plain>
                  {t('fleet.facts.unread', { n: view.facts.unread.length })}
                </StatusBadge>
                <ul>
                  {view.facts.unread.map(({ fact, reason }) => (
                    <li key={fact}>
                      {fact}: <q>{reason}</q>
                    </li>
                  ))}
                </ul>
              </div>
            )}
          </div>
        )}
      </Section>
      <Section title={t('fleet.record')} boxed>
        <Facts
          rows={[
            { name: t('common.project'), value: project ?? t('common.no-project') },
            { name: t('fleet.record.since'), value: <TimeText at={view.instance.createdAt} show="day" /> },
            ...(note.owner === '' ? [] : [{ name: t('fleet.form.owner'), value: note.owner }]),
            ...(note.hourlyCost === '' ? [] : [{ name: t('fleet.form.cost'), value: note.hourlyCost }]),
            ...(note.text === '' ? [] : [{ name: t('fleet.form.note'), value: <span className={classes.note}>{note.text}</span>, wide: true }]),
          ]}
        />
      </Section>
    </>
  );
}
