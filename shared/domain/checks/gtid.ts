import { message } from '../../i18n/message';
import { GtidSetError, tryParseGtidSet, type GtidSet } from '../gtid/set';
import { atLeast } from '../fleet/version';
import { isUserDatabase } from './coverage';
import { both, defineCheck, missed, passed, skipped, value, type CheckDefinition, type CheckOutcome } from './define';
import { realChannels } from './load';
import { configure, isOn, logUpdatesName, setVariables, shown, variable } from './variables';
import type { ChannelReading, GtidPair, ProcessReading, ServerReading } from './facts';

const steps = ['OFF', 'OFF_PERMISSIVE', 'ON_PERMISSIVE', 'ON'] as const;

/** The online change from where the server stands: one step at a time, the last once no anonymous transaction is under way. */
function gtidModeSteps(server: ServerReading): readonly (readonly [string, string])[] {
  const at = steps.findIndex((step) => step === variable(server, 'gtid_mode'));
  const consistency = variable(server, 'enforce_gtid_consistency') === 'ON' ? [] : ([['enforce_gtid_consistency', "'ON'"]] as const);
  return [...consistency, ...steps.slice(Math.max(0, at) + 1).map((step) => ['gtid_mode', `'${step}'`] as const)];
}

/** The server replicates or is replicated from: its gtid_mode cannot change alone. */
function isInTopology(channels: readonly ChannelReading[], processes: readonly ProcessReading[]): boolean {
  return realChannels(channels).length > 0 || processes.some(({ command }) => command.startsWith('Binlog Dump'));
}

function gtidModeRemedy(on: 'source' | 'standby', server: ServerReading, linked: boolean): Partial<CheckOutcome> {
  if (!atLeast(server.version, 5, 7, 6)) {
    const lines = [['log_bin', 'binlog'], [logUpdatesName(server), 'ON'], ['gtid_mode', 'ON'], ['enforce_gtid_consistency', 'ON']] as const;
    return { needsRestart: true, remedy: configure(on, lines, message('checks.gtid.mode.fix-restart')) };
  }
  const remedy = setVariables(on, server.version, gtidModeSteps(server), message(linked ? 'checks.gtid.mode.fix-topology' : 'checks.gtid.mode.fix-online'));
  return { remedy, fixable: !linked };
}

interface Comparison {
  readonly standbyExecuted: GtidSet;
  readonly sourceExecuted: GtidSet;
  readonly sourcePurged: GtidSet;
}

/** The sets, or the outcome of a check that cannot read them. */
function setsOf(pair: GtidPair): Comparison | CheckOutcome {
  const standbyExecuted = tryParseGtidSet(pair.standbyExecuted);
  const sourceExecuted = tryParseGtidSet(pair.sourceExecuted);
  const sourcePurged = tryParseGtidSet(pair.sourcePurged);
  for (const set of [standbyExecuted, sourceExecuted, sourcePurged]) {
    if (set instanceof GtidSetError) return { status: 'error', measured: message('checks.unreadable', { text: set.message }) };
  }
  return { standbyExecuted, sourceExecuted, sourcePurged } as Comparison;
}

const blocks = (set: GtidSet): string[] => set.toLine().split(',').filter((block) => block !== '');

export const gtidChecks: readonly CheckDefinition[] = [
  defineCheck({
    id: 'gtid.mode', group: 'binlog', level: 'fail',
    needs: ['sourceServer', 'standbyServer', 'sourceChannels', 'standbyChannels', 'sourceProcesses', 'standbyProcesses'],
    decide: (facts) => {
      const measured = both(shown(facts.sourceServer, 'gtid_mode'), shown(facts.standbyServer, 'gtid_mode'));
      if (variable(facts.sourceServer, 'gtid_mode') !== 'ON') {
        return missed('fail', measured, gtidModeRemedy('source', facts.sourceServer, isInTopology(facts.sourceChannels, facts.sourceProcesses)));
      }
      if (variable(facts.standbyServer, 'gtid_mode') !== 'ON') {
        return missed('fail', measured, gtidModeRemedy('standby', facts.standbyServer, isInTopology(facts.standbyChannels, facts.standbyProcesses)));
      }
      return passed(measured);
    },
  }),
  defineCheck({
    id: 'gtid.consistency', group: 'binlog', level: 'fail', needs: ['sourceServer', 'standbyServer'],
    decide: ({ sourceServer, standbyServer }) => {
      const name = 'enforce_gtid_consistency';
      const measured = both(shown(sourceServer, name), shown(standbyServer, name));
      const wrong = [['source', sourceServer] as const, ['standby', standbyServer] as const].find(([, server]) => !isOn(variable(server, name)));
      if (wrong === undefined) return passed(measured);
      const [on, server] = wrong;
      if (!atLeast(server.version, 5, 7, 6)) return missed('fail', measured, { needsRestart: true, remedy: configure(on, [[name, 'ON']]) });
      return missed('fail', measured, { remedy: setVariables(on, server.version, [[name, "'ON'"]], message('checks.gtid.consistency.fix')), fixable: true });
    },
  }),
  defineCheck({
    id: 'gtid.errant', group: 'binlog', level: 'fail', needs: ['gtid', 'standbyServer', 'standbyObjects'],
    decide: ({ gtid, standbyServer, standbyObjects }, { seed, eraseTarget, standby }) => {
      const sets = setsOf(gtid);
      if ('status' in sets) return sets;
      const errant = sets.standbyExecuted.subtract(sets.sourceExecuted);
      if (errant.isEmpty()) return passed(message('checks.gtid.errant.none'));
      const params = { count: errant.count().toString(), set: errant.shorten(), own: errant.onlyFrom(gtid.standbyUuid).count().toString() };
      const items = blocks(errant);
      if (seed !== 'adopt') {
        // What a new server wrote itself (accounts were made there) goes without a word; somebody's history does not.
        const bare = !standbyObjects.databases.some((name) => isUserDatabase(name, standbyServer.version));
        const somebodys = bare ? errant.notFrom(gtid.standbyUuid) : errant;
        if (eraseTarget || somebodys.isEmpty()) return missed('info', message('checks.gtid.errant.erased', params), { items });
        return missed('fail', message('checks.gtid.errant.found', params), {
          items, remedy: { on: 'standby', text: message('checks.gtid.errant.fix-erase', { name: standby.name }) },
        });
      }
      return missed('fail', message('checks.gtid.errant.found', params), { items, remedy: { on: 'standby', text: message('checks.gtid.errant.fix') } });
    },
  }),
  defineCheck({
    id: 'gtid.purged', group: 'binlog', level: 'fail', needs: ['gtid'],
    decide: ({ gtid }, { seed }) => {
      const sets = setsOf(gtid);
      if ('status' in sets) return sets;
      const lost = sets.sourcePurged.subtract(sets.standbyExecuted);
      if (lost.isEmpty()) return passed(message('checks.gtid.purged.none'));
      const params = { count: lost.count().toString(), set: lost.shorten() };
      if (seed !== 'adopt') return missed('info', message('checks.gtid.purged.seed', params), { items: blocks(lost) });
      return missed('fail', message('checks.gtid.purged.lost', params), { items: blocks(lost), remedy: { text: message('checks.gtid.purged.fix') } });
    },
  }),
  defineCheck({
    id: 'gtid.anonymous', group: 'binlog', level: 'fail', needs: ['sourceServer'],
    decide: ({ sourceServer }) => {
      const mode = shown(sourceServer, 'gtid_mode');
      if (mode === 'ON') return passed(value('gtid_mode=ON'));
      const count = sourceServer.status['ongoing_anonymous_transaction_count'] ?? '—';
      return missed('fail', message('checks.gtid.anonymous.found', { mode, count }), { remedy: { on: 'source', text: message('checks.gtid.anonymous.fix') } });
    },
  }),
  defineCheck({
    id: 'gtid.tagged', group: 'binlog', level: 'fail', needs: ['gtid', 'standbyServer'],
    decide: ({ gtid, standbyServer }) => {
      if (atLeast(standbyServer.version, 8, 3, 0)) return skipped(message('checks.gtid.tagged.understood'));
      const sets = setsOf(gtid);
      if ('status' in sets) return sets;
      if (!sets.sourceExecuted.hasTags()) return passed(message('checks.gtid.tagged.none'));
      return missed('fail', message('checks.gtid.tagged.found'), { remedy: { text: message('checks.gtid.tagged.fix') } });
    },
  }),
];
