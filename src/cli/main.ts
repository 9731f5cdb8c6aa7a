/** The operator's and analyst's command line: `npm run taxbudget -- <command>`. */
import packageJson from '../../package.json' with { type: 'json' }
import { environmentFiles } from './doctor/sources.ts'
import { interruption } from './interruption.ts'
import { makeWay } from './make-way.ts'
import { processTerminal } from './terminal.ts'

// Whoever reads our output may stop early (`| head`): the command ends as it would have, unheard.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

const args = process.argv.slice(2)
const { signal, stop } = interruption()
makeWay(args)
const { runCommandLine } = await import('./run.ts')
process.exitCode = await runCommandLine(args, {
  terminal: processTerminal(),
  environment: process.env,
  environmentFiles: environmentFiles(process.execArgv),
  signal,
  version: packageJson.version,
  // Loaded when it is needed: help and mistakes are answered without it.
  openServices: async (config, onWaiting) => (await import('./services.ts')).openServices(config, onWaiting),
})
stop()
