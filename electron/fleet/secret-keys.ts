/** Key of an instance's administrative password in the vault. */
export function instanceSecretKey(instanceId: string): string {
  return `instance/${instanceId}`;
}

/** Key of the passphrase that scheduled backups of an instance are encrypted with. */
export function backupSecretKey(instanceId: string): string {
  return `backup-schedule/${instanceId}`;
}

/** Key of the replication account that replicas of an instance log in with: JSON `{ user, password }`. */
export function replicationSecretKey(sourceInstanceId: string): string {
  return `replication/${sourceInstanceId}`;
}
