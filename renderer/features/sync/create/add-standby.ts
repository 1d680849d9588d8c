import type { Region } from '../../../../shared/domain/fleet/instance';
import type { InstanceView } from '../../../../shared/domain/fleet/view';

/** The servers of a region that can become a standby (or a local replica) of a source: those that are nothing yet. */
export function targetsIn(regionId: string, instances: readonly InstanceView[], sourceId: string): readonly InstanceView[] {
  return instances.filter((view) => view.instance.regionId === regionId && view.instance.id !== sourceId && (view.role === 'stand-alone' || view.role === 'unknown'));
}

/**
 * The region that is offered first: for a local replica that of its source, for a standby another one, with a server that
 * stands alone if there is any. '': there is none.
 */
export function firstRegion(source: InstanceView | undefined, isLocal: boolean, regions: readonly Region[], instances: readonly InstanceView[]): string {
  const here = source?.instance.regionId;
  if (isLocal && here !== undefined) return here;
  const elsewhere = regions.filter((region) => region.id !== here);
  const withServer = elsewhere.find((region) => instances.some((view) => view.instance.regionId === region.id && view.role === 'stand-alone'));
  return (withServer ?? elsewhere[0])?.id ?? '';
}
