import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { withDeadline } from '../../deadline.ts'
import { isUnresolved } from '../../first-contact.ts'

/** A name server that says nothing for so long is not waited for, milliseconds: then nothing is said of the host. */
const LOOK_UP_MS = 3000

const AUTHORITY = /(?<=:\/\/)(?:[^/?]*@)?([^/?]+)/

/** One URL, or several with commas between; a password may have commas, too. */
export const urlsIn = (value: string): string[] => value.split(/\s*,\s*(?=[a-z+]+:\/\/)/)

/** The hosts that a URL, or several with commas between, leads to; several may be in one, too. */
export const hostsIn = (urls: string): string[] =>
  urlsIn(urls)
    .flatMap((url) => (AUTHORITY.exec(url)?.[1] ?? '').split(','))
    .map((server) => server.replace(/:\d+$/, '').replace(/^\[|\]$/g, ''))
    .filter((host) => host !== '')

/** The same URLs with every host, and its port, replaced as `to` says. */
export const withHosts = (urls: string, to: (host: string, port: string) => string): string =>
  urlsIn(urls)
    .map((url) =>
      url.replace(AUTHORITY, (authority, servers: string) => {
        const replaced = servers.split(',').map((server) => {
          const [, host = server, port = ''] = /^(.*?)(:\d+)?$/.exec(server) ?? []
          return to(host, port)
        })
        return `${authority.slice(0, authority.length - servers.length)}${replaced.join(',')}`
      }),
    )
    .join(',')

/** This machine, or this container. */
export const isLoopback = (host: string): boolean => /^(localhost|127\.[\d.]+|\[?::1\]?)$/.test(host)

/** Those that lead nowhere from here. */
export async function unresolvedAmong(hosts: readonly string[]): Promise<string[]> {
  const names = [...new Set(hosts)].filter((host) => isIP(host) === 0)
  const found = await Promise.all(names.map(async (name) => ((await leadsNowhere(name)) ? [name] : [])))
  return found.flat()
}

const leadsNowhere = (name: string): Promise<boolean> =>
  withDeadline(LOOK_UP_MS, 'the name server', lookup(name)).then(
    () => false,
    (error: Error) => isUnresolved(error),
  )
