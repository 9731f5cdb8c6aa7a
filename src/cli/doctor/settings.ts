import { maskAll, maskCertificates, maskTokens, maskUrls } from './mask.ts'

/** What is to be known of a setting to show it to people. */
export interface Setting {
  /** What counts where it is not set, or in parentheses what there is instead. */
  readonly unset: string
  /** In the containers of docker-compose.yml, where it is another one there. */
  readonly inContainers?: string
  /** Leads to servers, which are other ones in containers: their host and port there. */
  readonly server?: { readonly inContainers?: string; readonly port: number }
  /** Hides what nobody must see. */
  readonly mask?: (value: string) => string
}

/** Every variable, in the order of .env.example; a test holds both together. */
export const settings: Readonly<Record<string, Setting>> = {
  PORT: { unset: '3000' },
  HOST: { unset: '127.0.0.1', inContainers: '0.0.0.0' },
  DATA_DIR: { unset: '.data', inContainers: '/var/lib/taxbudget' },
  ARCHIVE_DIR: { unset: '(the folder archive in DATA_DIR)' },
  DATABASE_URL: {
    unset: '(the embedded PostgreSQL)',
    inContainers: 'postgres://taxbudget:password@postgres:5432/taxbudget',
    server: { inContainers: 'postgres:5432', port: 5432 },
    mask: maskUrls,
  },
  DATABASE_REPLICA_URLS: {
    unset: '(none: the database is read itself)',
    server: { port: 5432 },
    mask: maskUrls,
  },
  EVENT_STORE_URL: {
    unset: '(the event log is in PostgreSQL)',
    inContainers: 'esdb://eventstore:2113?tls=false',
    server: { inContainers: 'eventstore:2113', port: 2113 },
    mask: maskUrls,
  },
  EVENT_STORE_PREFIX: { unset: '(nothing)' },
  NATS_URL: {
    unset: '(a bus in each process)',
    inContainers: 'nats://nats:4222',
    server: { inContainers: 'nats:4222', port: 4222 },
    mask: maskUrls,
  },
  REDIS_URL: {
    unset: '(snapshots in each process)',
    inContainers: 'redis://redis:6379',
    server: { inContainers: 'redis:6379', port: 6379 },
    mask: maskUrls,
  },
  TLS_CA: { unset: '(the known authorities alone)', mask: maskCertificates },
  ROLES: { unset: 'web,relay,projector', inContainers: 'web, or relay, or projector' },
  OPERATOR_TOKEN: { unset: '(the console is closed)', mask: maskTokens },
  PUBLIC_URL: { unset: '(http://localhost and PORT)' },
  SESSION_SECRET: { unset: '(made at the first start, kept in DATA_DIR)', mask: maskAll },
  TRUST_PROXY: { unset: 'false' },
  MIGRATE: { unset: 'auto', inContainers: 'manual' },
  REBUILD: { unset: 'auto' },
  LOG_LEVEL: { unset: 'info' },
  DIGITALOCEAN_TOKEN: { unset: '(check-deploy cannot ask)', mask: maskAll },
}
