/** The same fastify with nothing behind it: echoes what is posted, sends the same bytes to whoever asks. */
import { readFile } from 'node:fs/promises'
import fastify from 'fastify'

const bytes = await readFile(process.env.BYTES_FILE!)
const app = fastify()
app.post('/api/polls/:poll/submissions', async ({ body }) => body)
app.get('/api/polls/:poll/results', async (_, reply) =>
  reply.type('application/json; charset=utf-8').send(bytes),
)
process.once('SIGTERM', () => void app.close())
console.log(`listens on ${await app.listen({ port: 0, host: '127.0.0.1' })}`)
