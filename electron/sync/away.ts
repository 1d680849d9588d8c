import { Failure } from '../../shared/errors/codes';
import { MysqlError } from '../mysql/errors';

/** Errors of a server that is going down, and of connections that ended with it. Reference: server and client error messages. */
const goneErrnos = [1053, 1077, 1079, 1080, 1152, 1158, 1159, 1160, 1161, 1184, 1927, 2002, 2003, 2006, 2013, 2055, 3169];
const goneCodes = ['connection-lost', 'tcp-refused', 'tcp-timeout', 'host-unreachable'];

/** True where a server (this one, where one is named) or the network to it went away, as against an answer that nobody wants. */
export function isAway(thrown: unknown, server?: string): thrown is Failure {
  if (!(thrown instanceof Failure)) return false;
  if (server !== undefined && thrown.error.server !== undefined && thrown.error.server !== server) return false;
  return goneCodes.includes(thrown.error.code) || (thrown instanceof MysqlError && goneErrnos.includes(thrown.errno));
}
