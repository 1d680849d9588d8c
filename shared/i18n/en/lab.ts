/** English texts of `lab`. Keys start with `lab.`; zh-CN holds the same keys. */
export const lab = {
  // the panel in the window
  'lab.panel.title': 'Practice lab',
  'lab.panel.text': 'Three MySQL servers on this computer, in three made-up regions, with sample data. Try everything here first; your own servers are not touched.',
  'lab.panel.program': 'MySQL server program',
  'lab.panel.no-program': 'No MySQL server program (mysqld) was found on this computer. Choose one to use the lab.',
  'lab.panel.choose': 'Choose another program…',
  'lab.panel.sample': 'With sample data',
  'lab.panel.up': 'Start three servers',
  'lab.panel.up-again': 'Start the servers again',
  'lab.panel.down': 'Stop the servers',
  'lab.panel.remove': 'Remove the lab',
  'lab.panel.remove-text': 'Stops the practice servers, deletes their data and takes them off the inventory. Your own servers stay as they are.',
  'lab.panel.port': 'port {port}',
  'lab.panel.running': 'Running',
  'lab.panel.stopped': 'Stopped',
  // what the lab is busy with
  'lab.busy.starting': 'Starting the practice servers…',
  'lab.busy.stopping': 'Stopping the practice servers…',
  'lab.busy.removing': 'Removing the practice lab…',
  'lab.progress.create': 'Making server {name} ({done} of {total} are there)',
  'lab.progress.start': 'Starting server {name} ({done} of {total} are running)',
  'lab.progress.stop': 'Server {name} has stopped ({done} of {total})',
  'lab.progress.sample': 'Filling {name} with sample data: table {table}, {done} of {total}',
} as const;
