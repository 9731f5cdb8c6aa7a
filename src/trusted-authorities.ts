import { X509Certificate } from 'node:crypto'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

/**
 * The certificates of a PEM text, one after the other. Line ends may be written as `\n`, as some platforms keep them.
 * @returns undefined if it holds none, or one that cannot be read
 */
export function readCertificates(pem: string): readonly string[] | undefined {
  const found = pem.replaceAll('\\n', '\n').match(CERTIFICATE) ?? []
  return found.length > 0 && found.every(isReadable) ? found : undefined
}

function isReadable(certificate: string): boolean {
  try {
    return new X509Certificate(certificate).raw.length > 0
  } catch {
    return false
  }
}

const trusted = new Set<string>()

/**
 * From now on every TLS connection of this thread believes these authorities too: a managed PostgreSQL has one of its
 * own, and so have servers on a private network. Other threads have to be told by themselves, and gRPC (EventStoreDB)
 * listens to nobody where its own variable GRPC_DEFAULT_SSL_ROOTS_FILE_PATH is set.
 * @param pem as `readCertificates` takes it; undefined: nothing changes
 */
export function trustAuthorities(pem: string | undefined): void {
  const added = readCertificates(pem ?? '')?.filter((each) => !trusted.has(each)) ?? []
  if (added.length === 0) return
  setDefaultCACertificates([...getCACertificates('default'), ...added])
  for (const each of added) trusted.add(each)
}
