import { isIP } from 'node:net'
import { domainToASCII } from 'node:url'
import { readCertificates } from '../../trusted-authorities.ts'
import { Misuse } from '../exit-codes.ts'
import { plain } from './lookup.ts'

const HOST = /^(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$/

/** The apex: `www.` before it is asked for anyway. @throws {Misuse} */
export function readDomain(text: string): string {
  const name = plain(domainToASCII(text))
  if (HOST.test(name) && isIP(name) === 0) return name.replace(/^www\.(?=.*\.)/, '')
  throw new Misuse(`DOMAIN must look like budget.example.org, not "${text}".`)
}

/** An address, or a host name. @throws {Misuse} */
export function readExpected(text: string): string {
  const name = text.trim()
  if (isIP(name) > 0) return name
  if (HOST.test(plain(name))) return plain(name)
  throw new Misuse(`--expect must be addresses or host names with commas between; "${text}" is neither.`)
}

/** An address, with a port or without. @throws {Misuse} */
export function readResolver(text: string): string {
  const [, bracketed, dotted, port = '53'] = /^(?:\[(.+)\]|([\d.]+)):(\d{1,5})$/.exec(text) ?? []
  if (isIP(bracketed ?? dotted ?? text) > 0 && isPort(port)) return text
  throw new Misuse(`--resolver must look like 1.1.1.1 or 127.0.0.1:5353, not "${text}".`)
}

/** @param usual where the option is left out. @throws {Misuse} */
export function readPort(name: string, text: string | undefined, usual: number): number {
  if (text === undefined) return usual
  if (isPort(text)) return Number(text)
  throw new Misuse(`--${name} must be a port, 1 to 65535, not "${text}".`)
}

const isPort = (text: string): boolean => /^\d{1,5}$/.test(text) && Number(text) > 0 && Number(text) <= 65_535

/** @param pem what is in `file`. @throws {Misuse} */
export function readAuthorities(file: string, pem: string): readonly string[] {
  const certificates = readCertificates(pem)
  if (certificates) return certificates
  throw new Misuse(`--ca must be a file of certificates in PEM; "${file}" is none.`)
}
