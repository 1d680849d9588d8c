// The thread that reads a dossier: it decodes the log, asks the new primary and writes the files, while the main thread stays free to answer.
import { parentPort, workerData } from 'node:worker_threads';
import { failure } from '../../../../shared/errors/codes';
import { carried } from '../../../mysql/carried-failure';
import { connect } from '../../../mysql/session/session';
import { collectDossier } from './read';
import type { ReadingOrder, ReadingReply } from './reading';

const port = parentPort;
if (port === null) throw new Error('this program runs as a worker only');

/** A statement may read many rows. */
const statementMs = 120_000;

const { folder, pair, logins } = workerData as ReadingOrder;
const labels = new Map([[pair.oldId, pair.oldName], [pair.newId, pair.newName]]);

collectDossier(folder, pair, (id) => {
  const target = logins.find((one) => one.id === id)?.target;
  if (target === undefined) throw failure('not-found', { kind: 'instance', name: id });
  return connect(target, { label: labels.get(id) ?? '', queryTimeoutMs: statementMs });
}).then(
  (written) => port.postMessage(
    { kind: 'done', written } satisfies ReadingReply, [written.offsets.buffer, written.sorted.buffer, written.orders.buffer, written.transactionOffsets.buffer],
  ),
  (thrown: unknown) => port.postMessage({ kind: 'failed', failure: carried(thrown) } satisfies ReadingReply),
);
