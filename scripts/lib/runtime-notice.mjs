// What `npm start` says of the runtime before it opens the user's own data.

/**
 * @param {{ version: string, official: boolean } | undefined} electron
 * @param {readonly string[]} args the app's own arguments
 * @returns {string | null} null: the official runtime, of which there is nothing to say
 */
export function developmentNotice(electron, args) {
  if (electron === undefined || electron.official) return null;
  const elsewhere = args.some((argument) => argument === '--data' || argument.startsWith('--data='));
  const data = elsewhere ? '' : ', and on your own data, passwords included';
  return [
    `Note: this runs on the development runtime (Electron ${electron.version}, not the official build)${data}.`,
    'Debuggers and other code can be put into it from outside. For real servers use a release, or fetch the official runtime:',
    'ANTIPODE_FETCH_ELECTRON=1 npm run setup',
  ].join('\n');
}
