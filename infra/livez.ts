/** The container's health check: does the process beside this one answer? It asks nothing that would ask a dependency. */
const port = process.env.PORT || '3000'

const answer = await fetch(`http://127.0.0.1:${port}/livez`, { signal: AbortSignal.timeout(3000) }).catch(
  (error: Error) => error,
)
if (answer instanceof Error || !answer.ok) {
  console.error(`/livez on port ${port}: ${answer instanceof Error ? answer.message : answer.status}`)
  process.exitCode = 1
}
