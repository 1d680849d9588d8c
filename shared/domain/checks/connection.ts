import { formatEndpoint } from '../fleet/instance';
import { message, type Message } from '../../i18n/message';
import type { AppError, ErrorCode } from '../../errors/codes';
import { defineCheck, missed, passed, skipped, value, type CheckDefinition, type CheckOutcome } from './define';
import { certificateRefused } from '../fleet/link-protection';
import type { LinkTlsReading, ProbeReading, Reach } from './facts';

/** Failures on the way to the server, before any login. */
const networkCodes: readonly ErrorCode[] = ['dns-failed', 'tcp-refused', 'tcp-timeout', 'host-unreachable', 'not-mysql'];
const tlsCodes: readonly ErrorCode[] = ['tls-unavailable', 'tls-untrusted', 'tls-name-mismatch', 'tls-expired', 'tls-failed'];
/** Failures on this workstation: the server was not even called. */
const localCodes: readonly ErrorCode[] = [
  'password-missing', 'password-elsewhere', 'password-not-remembered', 'vault-locked', 'vault-broken',
  'cancelled', 'not-found',
];
/** The login worked; the server is one that cannot take part. */
const refusedCodes: readonly ErrorCode[] = ['product-unsupported', 'version-unsupported'];

const CERTIFICATE_DAYS = 30;
const MAX_RTT_MS = 300;
const DAY_MS = 86_400_000;

function networkOutcome(reach: Reach, endpoint: string): CheckOutcome {
  if (reach.reached) return passed(message('checks.conn.tcp.connected', { endpoint, ms: Math.round(reach.connectMs) }));
  const { error } = reach;
  if (localCodes.includes(error.code)) return skipped(message('checks.conn.tcp.not-tried'));
  if (!networkCodes.includes(error.code)) return passed(message('checks.conn.tcp.answered', { endpoint }));
  return missed(
    'fail', message('checks.conn.tcp.failed', { endpoint, stage: stageOf(error.code), text: textOf(error) }), { remedy: { text: networkRemedy(error.code) } },
  );
}

function loginOutcome(reach: Reach, endpoint: string): CheckOutcome {
  if (reach.reached) return passed(message('checks.conn.login.done'));
  const { error } = reach;
  if (refusedCodes.includes(error.code)) return passed(message('checks.conn.login.done'));
  if (networkCodes.includes(error.code)) return skipped(message('checks.conn.login.not-reached', { endpoint }));
  const tls = tlsCodes.includes(error.code);
  return missed(
    'fail', message(tls ? 'checks.conn.login.tls' : 'checks.conn.login.failed', { text: textOf(error) }), { remedy: { text: loginRemedy(error.code) } },
  );
}

function textOf(error: AppError): string {
  return error.detail ?? error.code;
}

function stageOf(code: ErrorCode): string {
  return code === 'dns-failed' ? 'DNS' : code === 'not-mysql' ? 'MySQL' : 'TCP';
}

function networkRemedy(code: ErrorCode): Message {
  switch (code) {
    case 'dns-failed':
      return message('checks.conn.tcp.fix-dns');
    case 'not-mysql':
      return message('checks.conn.tcp.fix-not-mysql');
    default:
      return message('checks.conn.tcp.fix-network');
  }
}

function loginRemedy(code: ErrorCode): Message {
  switch (code) {
    case 'login-refused':
      return message('checks.conn.login.fix-refused');
    case 'host-not-allowed':
      return message('checks.conn.login.fix-host');
    case 'host-blocked':
      return message('checks.conn.login.fix-blocked');
    case 'auth-plugin-unsupported':
      return message('checks.conn.login.fix-plugin');
    case 'password-missing':
    case 'password-elsewhere':
    case 'password-not-remembered':
      return message('checks.conn.login.fix-password');
    default:
      return tlsCodes.includes(code) ? message('checks.conn.login.fix-tls') : message('checks.conn.login.fix-other');
  }
}

/** The verdict of a receiver that one server started towards the other. */
function probeOutcome(probe: ProbeReading, from: string, endpoint: string, level: 'fail' | 'warn'): CheckOutcome {
  switch (probe.result) {
    case 'connected':
      return passed(message('checks.conn.probe.connected', { from, endpoint }));
    case 'answered':
      return passed(message('checks.conn.probe.answered', { from, endpoint }));
    case 'unreachable':
      return missed(level, message('checks.conn.probe.unreachable', { from, endpoint, errno: String(probe.errno), text: probe.text }), {
        remedy: { text: message('checks.conn.probe.fix', { from, endpoint }) },
      });
    case 'undecided':
      return missed(level, message('checks.conn.probe.undecided', { from, endpoint, seconds: probe.seconds }), {
        remedy: { text: message('checks.conn.probe.fix', { from, endpoint }) },
      });
    case 'refused': {
      const measured = message('checks.conn.probe.refused', { from, text: probe.text });
      // What was not tried is not known to fail: it stops the task only where the way is indispensable.
      return level === 'fail' ? { status: 'error', measured } : missed(level, measured);
    }
    case 'not-tried':
      return skipped(message(probe.reason === 'replicates-already' ? 'checks.conn.probe.replicates' : 'checks.conn.probe.other', { from }));
    default: {
      const never: never = probe;
      return never;
    }
  }
}



/**
 * The link verifies where the standby can by the CA that it has, which it tries itself: the user's CA is on this workstation, and a server
 * reads one from its own disk. Where this passes the link is made so; otherwise it is encrypted only, and the user has to accept that.
 */
function linkTlsOutcome({ encrypted, caFile, probe }: LinkTlsReading, source: string, standby: string): CheckOutcome {
  if (!encrypted) {
    return missed('warn', message('checks.conn.repl.tls.plain', { source, standby }), { remedy: { text: message('checks.conn.repl.tls.fix-plain') } });
  }
  const byHand = message('checks.conn.repl.tls.fix-file', { standby });
  if (probe === null) return missed('warn', message('checks.conn.repl.tls.no-file', { source, standby }), { remedy: { on: 'standby', text: byHand } });
  if (probe.result === 'connected' || (probe.result === 'answered' && probe.errno !== certificateRefused)) {
    return passed(message('checks.conn.repl.tls.able', { source, standby, file: caFile }));
  }
  if (probe.result === 'answered') {
    const unable = message('checks.conn.repl.tls.unable', { source, standby, file: caFile, text: probe.text });
    return missed('warn', unable, { remedy: { on: 'standby', text: byHand } });
  }
  return missed('warn', message('checks.conn.repl.tls.untried', { source, standby }), { remedy: { on: 'standby', text: byHand } });
}

export const connectionChecks: readonly CheckDefinition[] = [
  defineCheck({
    id: 'conn.src.tcp', group: 'connection', level: 'fail', needs: ['sourceReach'],
    decide: ({ sourceReach }, { source }) => networkOutcome(sourceReach, formatEndpoint(source.admin)),
  }),
  defineCheck({
    id: 'conn.src.login', group: 'connection', level: 'fail', needs: ['sourceReach'],
    decide: ({ sourceReach }, { source }) => loginOutcome(sourceReach, formatEndpoint(source.admin)),
  }),
  defineCheck({
    id: 'conn.dst.tcp', group: 'connection', level: 'fail', needs: ['standbyReach'],
    decide: ({ standbyReach }, { standby }) => networkOutcome(standbyReach, formatEndpoint(standby.admin)),
  }),
  defineCheck({
    id: 'conn.dst.login', group: 'connection', level: 'fail', needs: ['standbyReach'],
    decide: ({ standbyReach }, { standby }) => loginOutcome(standbyReach, formatEndpoint(standby.admin)),
  }),
  defineCheck({
    id: 'conn.repl.tcp', group: 'connection', level: 'fail', needs: ['forwardProbe'],
    decide: ({ forwardProbe }, { source, standby }) => probeOutcome(forwardProbe, standby.name, formatEndpoint(source.replication), 'fail'),
  }),
  defineCheck({
    id: 'conn.repl.reverse', group: 'connection', level: 'warn', needs: ['reverseProbe'],
    decide: ({ reverseProbe }, { source, standby }) => probeOutcome(reverseProbe, source.name, formatEndpoint(standby.replication), 'warn'),
  }),
  defineCheck({
    id: 'conn.repl.tls', group: 'connection', level: 'warn', needs: ['linkTls'],
    applies: ({ verifies }) => (verifies === 'nothing' ? message('checks.conn.repl.tls.not-chosen') : null),
    decide: ({ linkTls }, { source, standby }) => linkTlsOutcome(linkTls, source.name, standby.name),
  }),
  defineCheck({
    id: 'conn.rtt', group: 'connection', level: 'info', needs: ['sourceClock', 'standbyClock'],
    decide: ({ sourceClock, standbyClock }) => {
      const source = summary(sourceClock.roundTripsMs);
      const standby = summary(standbyClock.roundTripsMs);
      const measured = message('checks.conn.rtt.measured', {
        source: source.median, sourceJitter: source.jitter, standby: standby.median, standbyJitter: standby.jitter,
      });
      return Math.max(source.median, standby.median) < MAX_RTT_MS ? passed(measured) : missed('info', measured);
    },
  }),
  defineCheck({
    id: 'conn.tls', group: 'connection', level: 'warn', needs: ['sourceTls', 'standbyTls'],
    decide: ({ sourceTls, standbyTls }, { source, standby }) => {
      const without = [[sourceTls, source.name] as const, [standbyTls, standby.name] as const].filter(([tls]) => !tls.offered).map(([, name]) => name);
      if (without.length > 0) {
        return missed('warn', message('checks.conn.tls.none', { servers: without.join(', ') }), { remedy: { text: message('checks.conn.tls.fix') } });
      }
      const days = [sourceTls, standbyTls].map(({ expiresAt, readAt }) => (expiresAt === null ? null : Math.floor((expiresAt - readAt) / DAY_MS)));
      const [sourceDays = null, standbyDays = null] = days;
      const soon = days.some((left) => left !== null && left < CERTIFICATE_DAYS);
      if (soon) {
        return missed(
          'warn', message('checks.conn.tls.expiring', { source: daysText(sourceDays), standby: daysText(standbyDays) }),
          { remedy: { text: message('checks.conn.tls.fix-expiring') } },
        );
      }
      return sourceDays === null && standbyDays === null
        ? passed(value('TLS'))
        : passed(message('checks.conn.tls.valid', { source: daysText(sourceDays), standby: daysText(standbyDays) }));
    },
  }),
];

function daysText(days: number | null): string {
  return days === null ? '—' : String(days);
}

/** Median and spread (slowest minus fastest) in tenths of a millisecond. */
function summary(roundTripsMs: readonly number[]): { readonly median: number; readonly jitter: number } {
  const sorted = [...roundTripsMs].sort((a, b) => a - b);
  const median = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
  const jitter = (sorted.at(-1) ?? 0) - (sorted[0] ?? 0);
  return { median: tenths(median), jitter: tenths(jitter) };
}

function tenths(ms: number): number {
  return Math.round(ms * 10) / 10;
}
