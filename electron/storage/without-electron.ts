/**
 * Stands in for the `electron` module where the engine runs in plain Node (the terminal and the tests).
 * electron-store looks for `app` and `ipcMain` on it and, finding none, uses the folder it is given.
 */
export default {};
