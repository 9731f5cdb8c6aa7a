import { InProcessBus } from '../../src/events/in-process-bus.ts'
import { busContract } from './bus.ts'

busContract('in the process', async () => {
  const bus = new InProcessBus()
  return { bus, close: () => bus.close() }
})
