/** Downloads an export as any client would, throws it away, and tells how long it took and whether it was whole. */
import { get } from 'node:http'

export interface DownloadResult {
  readonly rows: number
  readonly bytes: number
  readonly milliseconds: number
}

const started = performance.now()
get(process.env.URL!, { agent: false }, (answer) => {
  let bytes = 0
  answer.on('data', (chunk: Buffer) => {
    bytes += chunk.length
  })
  answer.on('end', () => {
    const milliseconds = performance.now() - started
    if (answer.statusCode !== 200) throw new Error(`answered ${answer.statusCode}`)
    const rows = Number(answer.trailers['taxbudget-rows'])
    console.log(JSON.stringify({ rows, bytes, milliseconds } satisfies DownloadResult))
  })
})
