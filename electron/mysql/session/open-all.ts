/** What can be let go of at once. */
interface Destroyable {
  destroy(): void;
}

/**
 * Opens several sessions at once: all or none. Where one fails, those that were opened are let go of, also the ones that
 * come later, and the first failure is thrown once nothing is being opened any more.
 */
export async function openAll<Opened extends Destroyable>(opens: ReadonlyArray<() => Promise<Opened>>): Promise<Opened[]> {
  const opened: Opened[] = [];
  let failed: { readonly error: unknown } | null = null;
  await Promise.all(
    opens.map(async (open, at) => {
      try {
        opened[at] = await open();
      } catch (error) {
        failed ??= { error };
      }
    }),
  );
  if (failed === null) return opened;
  for (const session of Object.values(opened)) session.destroy();
  throw (failed as { readonly error: unknown }).error;
}
