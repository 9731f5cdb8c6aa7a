import { isIP } from 'node:net'
import { checkServerIdentity, type PeerCertificate } from 'node:tls'

/**
 * Whether a certificate is of a server of NATS_URL. Where servers are addresses, the client names nobody, and Node takes
 * nobody for `localhost`: then the certificate has to be of one of these addresses.
 * @param servers `host:port` each
 * @returns what is wrong, as `checkServerIdentity` does
 */
export function serverIdentity(servers: readonly string[]) {
  const hosts = servers.map((server) => server.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1'))
  const addresses = hosts.filter((host) => isIP(host) > 0)
  const isNobody = (host: string) => host === 'localhost' && !hosts.includes(host)
  return (host: string, certificate: PeerCertificate): Error | undefined => {
    if (!isNobody(host) || addresses.length === 0) return checkServerIdentity(host, certificate)
    const wrong = addresses.map((address) => checkServerIdentity(address, certificate))
    return wrong.includes(undefined) ? undefined : wrong[0]
  }
}
