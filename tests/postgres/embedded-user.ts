/** A process that uses the embedded server of the folder it is told; it says what happens, until its input ends. */
import { useEmbeddedServer } from '../../src/postgres/embedded-server.ts'

const server = await useEmbeddedServer(process.argv[2]!, {
  onRestart: () => console.log('restarted'),
  onDead: (error) => console.log(`dead ${error.message}`),
  onMove: () => console.log('moved'),
})
console.log(`url ${server.url}`)
process.stdin.resume()
process.stdin.once('end', async () => {
  await server.release()
  console.log('released')
  process.exit(0)
})
