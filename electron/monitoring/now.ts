import { setTimeout as sleep } from 'node:timers/promises';
import type { RawSample, SeriesValues } from '../../shared/domain/monitoring/rates';
import { Failure, failure } from '../../shared/errors/codes';
import { readWatched } from '../fleet/read-watched';
import type { FleetServers } from '../fleet/types';
import type { Sampler } from './sampler';
import { Tracked } from './tracked';

/** Far enough apart for a rate. */
const apartMs = 1_000;
const longestMs = 10_000;

/** The values of one second from now: two samples, and two readings of the fleet beside them; nothing is kept. */
export async function valuesNow(
  fleet: FleetServers, instanceId: string, sampler: Sampler,
): Promise<{ readonly sample: RawSample; readonly values: SeriesValues }> {
  const tracked = new Tracked(await readWithSource(fleet, instanceId));
  tracked.take(await sampled(sampler), longestMs, longestMs);
  await sleep(apartMs);
  tracked.see(await readWithSource(fleet, instanceId));
  const sample = await sampled(sampler);
  return { sample, values: tracked.take(sample, longestMs, longestMs).values };
}

/** Lag is told by both ends. */
async function readWithSource(fleet: FleetServers, instanceId: string) {
  const { sourceId } = await fleet.refresh(instanceId);
  if (sourceId !== null) await readWatched(fleet, sourceId);
  return fleet.view(instanceId);
}

async function sampled(sampler: Sampler): Promise<RawSample> {
  const sample = await sampler.sample(true);
  if (sample !== null) return sample;
  throw sampler.error === null ? failure('cancelled', { what: 'monitor' }) : new Failure(sampler.error);
}
