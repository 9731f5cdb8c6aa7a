/**
 * A signal that aborts at Ctrl-C or SIGTERM, for the command to end cleanly; the second time the process ends at once.
 * `stop` gives the process its usual behaviour back.
 */
export function interruption(): { signal: AbortSignal; stop: () => void } {
  const controller = new AbortController()
  const names = ['SIGINT', 'SIGTERM'] as const
  const interrupt = () => {
    if (controller.signal.aborted) process.exit(1)
    process.stderr.write('\nStopping…\n')
    controller.abort()
  }
  for (const name of names) process.on(name, interrupt)
  return {
    signal: controller.signal,
    stop: () => {
      for (const name of names) process.off(name, interrupt)
    },
  }
}
