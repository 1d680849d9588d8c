/**
 * Each worker takes the next item as soon as it is free. The first failure keeps all of them from taking another one, and
 * is thrown once every worker has come to rest.
 */
export async function shareOut<Worker, Item>(
  workers: readonly Worker[],
  items: Iterable<Item>,
  work: (worker: Worker, item: Item) => Promise<void>,
): Promise<void> {
  const queue = items[Symbol.iterator]();
  let failed = false;
  const ends = await Promise.allSettled(
    workers.map(async (worker) => {
      for (let next = queue.next(); next.done !== true && !failed; next = queue.next()) {
        try {
          await work(worker, next.value);
        } catch (thrown) {
          failed = true;
          throw thrown;
        }
      }
    }),
  );
  for (const end of ends) if (end.status === 'rejected') throw end.reason as Error;
}
