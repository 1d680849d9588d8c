import { useFleet } from '../../stores/fleet';

/** Changes whenever another number of transactions is found on a fenced old primary alone: reports are told anew then, and read again. */
export function useLostTold(): string {
  return useFleet((state) =>
    [...state.byId.values()]
      .flatMap(({ instance, problems }) => problems.filter(({ code }) => code === 'lost-transactions').map(({ params }) => `${instance.id} ${String(params['count'])}`))
      .join('; '));
}
