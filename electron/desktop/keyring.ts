import { safeStorage } from 'electron';
import type { Keyring } from '../storage/types';

/**
 * The operating system's keyring. Where Electron would only scramble with a key that everybody has (Linux without a
 * secret service: `basic_text`, or `unknown`), there is none.
 */
export const systemKeyring: Keyring = {
  available() {
    if (!safeStorage.isEncryptionAvailable()) return false;
    if (process.platform !== 'linux') return true;
    const backend = safeStorage.getSelectedStorageBackend();
    return backend !== 'basic_text' && backend !== 'unknown';
  },
  encrypt: (text) => safeStorage.encryptString(text),
  decrypt: (data) => safeStorage.decryptString(data),
};
