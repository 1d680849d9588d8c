const formats = new Map<string, Intl.NumberFormat>();

/** How a language writes numbers. Formats are kept: making one takes longer than a thousand uses. */
export function numberFormat(
  language: string, options: Pick<Intl.NumberFormatOptions, 'minimumFractionDigits' | 'maximumFractionDigits' | 'notation'>,
): Intl.NumberFormat {
  const name = `${language} ${options.minimumFractionDigits ?? ''} ${options.maximumFractionDigits ?? ''} ${options.notation ?? ''}`;
  let found = formats.get(name);
  if (found === undefined) {
    found = new Intl.NumberFormat(language, options);
    formats.set(name, found);
  }
  return found;
}
