/** Certificates for tests: an authority, and whatever it says of whom, also what no authority should. */
import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import {
  BasicConstraintsExtension,
  SubjectAlternativeNameExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509'

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const A_DAY_MS = 86_400_000

/** PEM of both. */
export interface KeyAndCertificate {
  readonly key: string
  readonly certificate: string
}

const makeKeys = () =>
  webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']) as Promise<webcrypto.CryptoKeyPair>

async function pemOf({ privateKey }: webcrypto.CryptoKeyPair): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', privateKey)).toString('base64')
  return `-----BEGIN PRIVATE KEY-----\n${der.match(/.{1,64}/g)!.join('\n')}\n-----END PRIVATE KEY-----\n`
}

export class TestAuthority {
  /** PEM. */
  readonly certificate: string
  readonly #keys: webcrypto.CryptoKeyPair
  readonly #subject: string

  private constructor(certificate: string, keys: webcrypto.CryptoKeyPair, subject: string) {
    this.certificate = certificate
    this.#keys = keys
    this.#subject = subject
  }

  static async create(name = 'Test Authority'): Promise<TestAuthority> {
    const keys = await makeKeys()
    const certificate = await X509CertificateGenerator.createSelfSigned({
      serialNumber: '01',
      name: `CN=${name}`,
      keys,
      notBefore: new Date(Date.now() - 400 * A_DAY_MS),
      notAfter: new Date(Date.now() + 400 * A_DAY_MS),
      signingAlgorithm: ALGORITHM,
      extensions: [new BasicConstraintsExtension(true, undefined, true)],
    })
    return new TestAuthority(`${certificate.toString('pem')}\n`, keys, `CN=${name}`)
  }

  /** @param daysLeft below 0: it has expired. @param names DNS names, or addresses */
  async issue(names: readonly string[], daysLeft = 60): Promise<KeyAndCertificate> {
    const keys = await makeKeys()
    const certificate: X509Certificate = await X509CertificateGenerator.create({
      serialNumber: Math.floor(Math.random() * 2 ** 40)
        .toString(16)
        .padStart(12, '1'),
      subject: `CN=${names[0]}`,
      issuer: this.#subject,
      notBefore: new Date(Date.now() - 100 * A_DAY_MS),
      notAfter: new Date(Date.now() + daysLeft * A_DAY_MS + A_DAY_MS / 2),
      signingAlgorithm: ALGORITHM,
      publicKey: keys.publicKey,
      signingKey: this.#keys.privateKey,
      extensions: [
        new SubjectAlternativeNameExtension(
          names.map((value) => ({ type: /^[\d.]+$/.test(value) ? 'ip' : 'dns', value })),
        ),
      ],
    })
    return { key: await pemOf(keys), certificate: `${certificate.toString('pem')}\n` }
  }
}
