import { type ParseArgsConfig, parseArgs } from 'node:util'
import type { Command } from './command.ts'
import { Misuse } from './exit-codes.ts'

export interface ParsedCommandLine {
  readonly help: boolean
  readonly operands: readonly string[]
  readonly values: Readonly<Record<string, string | boolean | undefined>>
}

/** Every command takes these too. */
const common = { help: { type: 'boolean', short: 'h' }, json: { type: 'boolean' } } as const

/** Operands and options of a command. @throws {Misuse} they are not what it takes */
export function parseCommandLine(command: Command, args: readonly string[]): ParsedCommandLine {
  const { positionals, values } = parse(args, {
    ...Object.fromEntries(Object.entries(command.options).map(([name, { type }]) => [name, { type }])),
    ...common,
  })
  const { help = false, json = false, ...own } = values
  if (help) return { help: true, operands: [], values: {} }
  checkOperands(command, positionals)
  for (const [name, option] of Object.entries(command.options)) {
    if (option.type === 'boolean') own[name] ??= false
    else if (own[name] === '') throw new Misuse(`--${name} needs a value: ${option.value}.`)
    else if (option.required && own[name] === undefined)
      throw new Misuse(`--${name} ${option.value} is missing.`)
  }
  return { help: false, operands: positionals, values: { ...own, json } }
}

function parse(args: readonly string[], options: NonNullable<ParseArgsConfig['options']>) {
  try {
    const { positionals, values } = parseArgs({ args: [...args], options, allowPositionals: true })
    return { positionals, values: values as Record<string, string | boolean | undefined> }
  } catch (error) {
    // Node explains at length how to begin an operand with a dash: the first sentence says what is wrong.
    throw new Misuse(`${(error as Error).message.split(/\.\s|\n/)[0]!.replace(/\.$/, '')}.`)
  }
}

function checkOperands({ operands }: Command, given: readonly string[]): void {
  const missing = operands.slice(given.length).find((operand) => !operand.startsWith('['))
  if (missing || given.includes('')) throw new Misuse(`${missing ?? operands[given.indexOf('')]} is missing.`)
  const takesMany = operands.at(-1)?.endsWith('…]') ?? false
  if (given.length > operands.length && !takesMany)
    throw new Misuse(`"${given[operands.length]}" is more than is taken.`)
}
