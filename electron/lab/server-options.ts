// The options a lab server is started with. They keep it small (several run on one machine) and ready to replicate.
import { atLeast, type ServerVersion } from '../../shared/domain/fleet/version';

export interface ServerOptions {
  readonly port: number;
  readonly serverId: number;
  readonly dataDir: string;
  readonly tmpDir: string;
  readonly socket: string;
  readonly pidFile: string;
  readonly errorLog: string;
  readonly gtid: boolean;
  /** `relaxed` loses up to a second of commits when the machine (not the server) dies. */
  readonly durability: 'full' | 'relaxed';
  readonly bufferPoolMb: number;
  readonly extra: readonly string[];
}

const MIB = 1024 * 1024;
const REDO_LOG_BYTES = 64 * MIB;

/** Options that shape a data directory when it is made. */
export function initialiseOptions(version: ServerVersion): string[] {
  return [
    ownThreads,
    ...(atLeast(version, 8, 0, 30) ? ['--innodb-redo-log-capacity=8388608', '--innodb-buffer-pool-size=67108864'] : ['--innodb-log-file-size=16777216']),
  ];
}

/** Linux has 65,536 asynchronous requests for the whole machine (fs.aio-max-nr) and a server reserves some 3,000: the twentieth does not start. */
const ownThreads = '--innodb-use-native-aio=OFF';

export function serverOptions(version: ServerVersion, options: ServerOptions): string[] {
  const modern = atLeast(version, 8, 0);
  const relaxed = options.durability === 'relaxed';
  return [
    `--datadir=${options.dataDir}`,
    `--tmpdir=${options.tmpDir}`,
    `--socket=${options.socket}`,
    `--pid-file=${options.pidFile}`,
    `--log-error=${options.errorLog}`,
    // Reachable from this machine only.
    '--bind-address=127.0.0.1',
    `--port=${options.port}`,
    '--report-host=127.0.0.1',
    `--report-port=${options.port}`,
    `--server-id=${options.serverId}`,
    '--log-bin=binlog',
    '--relay-log=relay',
    `--gtid-mode=${options.gtid ? 'ON' : 'OFF'}`,
    `--enforce-gtid-consistency=${options.gtid ? 'ON' : 'OFF'}`,
    ...(atLeast(version, 8, 0, 26) ? ['--log-replica-updates=ON'] : ['--log-slave-updates=ON']),
    // From 8.0 on these are the defaults, and naming them only brings warnings into the log.
    ...(modern ? [] : ['--binlog-format=ROW', '--master-info-repository=TABLE', '--relay-log-info-repository=TABLE']),
    ...(atLeast(version, 8, 0, 11) ? ['--mysqlx=0'] : []),
    ...(atLeast(version, 5, 7, 6) ? ['--secure-file-priv='] : []),
    ownThreads,
    '--max-connections=200',
    '--table-open-cache=400',
    '--table-definition-cache=400',
    `--innodb-buffer-pool-size=${options.bufferPoolMb * MIB}`,
    // What a server is given it also touches when it starts: the 64 MB that are the default from 8.4 on are a seventh of the time.
    `--innodb-log-buffer-size=${8 * MIB}`,
    ...(atLeast(version, 8, 0, 30) ? [`--innodb-redo-log-capacity=${REDO_LOG_BYTES}`] : ['--innodb-log-file-size=16777216']),
    ...(relaxed
      ? ['--innodb-flush-log-at-trx-commit=2', '--sync-binlog=0', '--innodb-doublewrite=OFF']
      : ['--innodb-flush-log-at-trx-commit=1', '--sync-binlog=1']),
    ...performanceSchemaOptions(version),
    ...(process.getuid?.() === 0 ? ['--user=root'] : []),
    ...options.extra,
  ];
}

// On, because lag, locks and replication state are read from it; its rings and histories are the part that can be small.
function performanceSchemaOptions(version: ServerVersion): string[] {
  return [
    '--performance-schema=ON',
    "--performance-schema-instrument=wait/synch/%=OFF",
    "--performance-schema-instrument=wait/lock/metadata/sql/mdl=ON",
    '--performance-schema-digests-size=1000',
    '--performance-schema-events-statements-history-long-size=100',
    '--performance-schema-events-stages-history-long-size=100',
    '--performance-schema-events-waits-history-long-size=100',
    '--performance-schema-max-thread-instances=300',
    // Every account, user and host has all summaries of its own: room for this many is made with the first one.
    ...['accounts', 'users', 'hosts'].map((what) => `--performance-schema-${what}-size=50`),
    ...(atLeast(version, 5, 7, 3)
      ? [
        '--performance-schema-events-transactions-history-long-size=100', '--performance-schema-max-index-stat=2000',
        '--performance-schema-max-table-lock-stat=500',
      ]
      : []),
    '--performance-schema-max-table-instances=1500',
    '--performance-schema-max-table-handles=1000',
  ];
}
