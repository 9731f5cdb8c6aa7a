/**
 * Two nodes of an EventStoreDB in one process that may be killed: what they have acknowledged is in the journal.
 * Arguments: the journal, and the two ports. The parent sends faults as messages.
 */
import { Journal } from '../../esdb/journal.ts'
import { Store } from '../../esdb/store.ts'
import { TestServer } from '../../esdb/test-server.ts'

const [journal = '', ...ports] = process.argv.slice(2)
const store = new Store(new Journal(journal))
const nodes = await Promise.all(ports.map((port) => TestServer.start({ store, port: Number(port) })))
let leader = 0
lead(leader)

function lead(index: number): void {
  leader = index
  for (const node of nodes) node.leader = node === nodes[leader] ? undefined : nodes[leader]!
}

function setUnavailable(unavailable: boolean): void {
  for (const node of nodes) node.unavailable = unavailable
}

const faults: Readonly<Record<string, () => void>> = {
  cut: () => {
    for (const node of nodes) node.cut()
  },
  elect: () => lead((leader + 1) % nodes.length),
  'lose-answers': () => {
    for (const node of nodes) node.lostAnswers = 3
  },
  refuse: () => setUnavailable(true),
  serve: () => setUnavailable(false),
}

process.on('message', (fault: string) => faults[fault]?.())
// Whoever started it is gone: nobody else would ever end it.
process.on('disconnect', () => process.exit())
console.log(`listens on ${ports.join(' and ')}`)
