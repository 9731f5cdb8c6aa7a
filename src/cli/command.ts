import type { Config } from '../config.ts'
import type { ExitCode } from './exit-codes.ts'
import type { Services } from './services.ts'
import type { Terminal } from './terminal.ts'

type Option =
  | { readonly type: 'boolean'; readonly help: string }
  | {
      readonly type: 'string'
      /** What stands for the value in the usage line. */
      readonly value: string
      readonly help: string
      readonly required?: true
    }
export type Options = Readonly<Record<string, Option>>

type Value<O extends Option> = O extends { type: 'boolean' }
  ? boolean
  : O extends { required: true }
    ? string
    : string | undefined

type Values<O extends Options> = { readonly [Name in keyof O]: Value<O[Name]> }

/** One call of a command. */
export interface Call<O extends Options = Options> {
  /** What stands beside the options, as many as the command asks for; an optional one left out is undefined. */
  readonly operands: readonly (string | undefined)[]
  readonly values: Values<O> & { readonly json: boolean }
  readonly terminal: Terminal
  readonly config: Config
  /** Opens what the command works on, at the first call; closed for it at its end. */
  readonly services: () => Promise<Services>
  /** Aborts at Ctrl-C: leave things whole and say how to go on. */
  readonly signal: AbortSignal
}

/** What can be asked although the settings may be wrong. */
export interface EarlyCall<O extends Options = Options> extends Pick<Call<O>, 'values' | 'terminal'> {
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Files that Node has read into the environment, in this order. */
  readonly environmentFiles: readonly string[]
}

export interface Command<O extends Options = Options> {
  /** One or two words. */
  readonly name: string
  /** `POLL`, or `[POLL]` if it may be left out; the last may be `[POLL…]`: any number of them. */
  readonly operands: readonly string[]
  readonly summary: string
  /** More to say under the options. */
  readonly details?: string
  readonly options: O
  /** Called before the settings are read; a code ends it there. */
  readonly beforeSettings?: (call: EarlyCall<O>) => Promise<ExitCode | undefined>
  readonly run: (call: Call<O>) => Promise<ExitCode>
}

/** Declares a command; its options give the types of the values that `run` gets. */
export const command = <const O extends Options>(declared: Command<O>): Command =>
  // The types of the values are known to `run` alone: whoever calls it has parsed them by `options`.
  declared as unknown as Command

/** `taxbudget polls close POLL [--yes]` */
export function usage({ name, operands, options }: Command): string {
  const all = Object.entries(options).map(([option, declared]) => {
    const text = declared.type === 'string' ? `--${option} ${declared.value}` : `--${option}`
    return declared.type === 'string' && declared.required ? text : `[${text}]`
  })
  return ['taxbudget', name, ...operands, ...all, '[--json]'].join(' ')
}
