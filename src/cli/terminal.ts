import { createInterface } from 'node:readline/promises'
import { styleText } from 'node:util'

type Format = Parameters<typeof styleText>[0]

/** Where a command speaks: data to stdout, everything else to stderr. */
export interface Terminal {
  /** Data. A line end is added. */
  readonly print: (text: string) => void
  /** A message to the person, on stderr. */
  readonly say: (text: string) => void
  /** A warning or an error, on stderr. */
  readonly warn: (text: string) => void
  readonly stderr: NodeJS.WriteStream
  /** For data that is no text. */
  readonly stdout: NodeJS.WritableStream
  /** Bold, for instance, where stdout shows it. */
  readonly style: (format: Format, text: string) => string
  /** Asks a question to be answered with y or n; undefined if nobody is there to answer. */
  readonly ask: (question: string, signal: AbortSignal) => Promise<boolean | undefined>
}

/** The terminal, or whatever else stdin, stdout and stderr lead to. */
export const processTerminal = (): Terminal => ({
  print: (text) => process.stdout.write(`${text}\n`),
  say: (text) => process.stderr.write(`${text}\n`),
  warn: (text) => process.stderr.write(`${styleText('yellow', text, { stream: process.stderr })}\n`),
  stderr: process.stderr,
  stdout: process.stdout,
  style: (format, text) => styleText(format, text, { stream: process.stdout }),
  ask: async (question, signal) => {
    if (!process.stdin.isTTY) return undefined
    const lines = createInterface({ input: process.stdin, output: process.stderr })
    try {
      return /^y(es)?$/i.test((await lines.question(`${question} [y/N] `, { signal })).trim())
    } finally {
      lines.close()
    }
  },
})
