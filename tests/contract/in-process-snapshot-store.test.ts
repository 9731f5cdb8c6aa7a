import { InProcessSnapshotStore } from '../../src/projections/in-process-snapshot-store.ts'
import { snapshotStoreContract } from './snapshot-store.ts'

snapshotStoreContract('in the process', async () => {
  let now = 0
  const store = new InProcessSnapshotStore(() => now)
  return {
    store,
    pass: async (ms) => {
      now += ms
    },
    close: () => store.close(),
  }
})
