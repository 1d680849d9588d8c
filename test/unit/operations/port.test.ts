// What stands against a change of ports, without a server.
import { describe, expect, it } from 'vitest';
import { changedPorts, portPreconditions, type PortFact, type PortFacts, type WantedPorts } from '../../../shared/domain/operations/port/plan';

const fact = (name: PortFact['name'], value: number, more: Partial<PortFact> = {}): PortFact => ({ name, value, source: 'compiled', file: '', persisted: null, ...more });
const facts = (more: Partial<PortFacts> = {}): PortFacts => ({
  ports: [fact('port', 3306), fact('admin_port', 33_062), fact('mysqlx_port', 33_060), fact('report_port', 3306)], uuid: 'u', host: 'h', adminPort: 3306, persists: true,
  restarts: true, taken: [], replicas: [], away: [], strangers: [], ...more,
});
const wanted = (more: Partial<WantedPorts>): WantedPorts => ({ port: null, admin_port: null, mysqlx_port: null, report_port: null, ...more });
const found = (one: PortFacts, ports: Partial<WantedPorts>, restart = false): readonly string[] =>
  portPreconditions(one, { instanceId: 'i', ports: wanted(ports), restart }).map(({ id, status }) => `${status} ${id}`);

describe('a change of ports', () => {
  it('is only what changes', () => {
    expect(changedPorts(facts(), wanted({ port: 3306, admin_port: 4000 }))).toEqual([{ name: 'admin_port', from: 33_062, to: 4000 }]);
    expect(found(facts(), { port: 3306 })).toEqual(['fail nothing']);
    expect(found(facts(), { port: 3307 })).toEqual(['warn clients']);
  });

  it.each([
    // mysqld_safe passes on what its option file says; a container names it among its arguments.
    ['the command line', facts({ ports: [fact('port', 3306, { source: 'command-line' })] }), { port: 3307 }, 'fail command-line:port'],
    // gh-ost#378: the port that is connected to is not the one that the server listens on.
    ['something that forwards', facts({ adminPort: 13_306 }), { port: 3307 }, 'fail forwarded'],
    // resource-agents#788: another server of the same host is there.
    ['another server', facts({ taken: [{ name: 'port', by: 'h:3307' }] }), { port: 3307 }, 'fail taken:port'],
    ['a port of its own', facts(), { port: 33_060 }, 'fail twice'],
    ['a variable that is not there', facts({ ports: [fact('port', 3306)] }), { admin_port: 4000 }, 'fail lacking:admin_port'],
    ['a server that does not say', facts({ ports: [fact('port', 3306, { source: null })] }), { port: 3307 }, 'warn untold'],
    ['a low port', facts(), { port: 306 }, 'warn reserved:port'],
    ['what it reports', facts({ ports: [fact('port', 3306), fact('report_port', 3306, { source: 'explicit' })] }), { port: 3307 }, 'warn report'],
    ['replicas that nobody registered', facts({ strangers: ['repl@10.0.0.9'] }), { port: 3307 }, 'warn strangers'],
    ['replicas that are away', facts({ away: ['sh'] }), { port: 3307 }, 'warn away'],
  ])('meets %s', (_what, one, ports, expected) => expect(found(one, ports)).toContain(expected));

  it('is restarted from here only where the server can', () => {
    expect(found(facts({ restarts: false }), { port: 3307 }, true)).toContain('fail no-restart');
    expect(found(facts({ restarts: false }), { port: 3307 }, false)).toEqual(['warn clients']);
  });
});
