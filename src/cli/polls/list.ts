import { command } from '../command.ts'
import { FINE } from '../exit-codes.ts'
import { table } from '../table.ts'

export const listPolls = command({
  name: 'polls list',
  operands: [],
  summary: 'Every poll, with its status',
  options: {},
  run: async (call) => {
    const { services, terminal, values } = call
    const { results, caughtUp } = await services()
    await caughtUp(call)
    const polls = await results.polls()
    const summaries = polls.map(({ definition, status }) => ({
      poll: definition.poll,
      status,
      categories: definition.categories.length,
      step: definition.step,
      title: definition.title,
    }))
    if (values.json) terminal.print(JSON.stringify(summaries))
    else {
      const columns = [
        { title: 'poll' },
        { title: 'status' },
        { title: 'categories', align: 'right' as const },
        { title: 'title' },
      ]
      const rows = summaries.map(({ poll, status, categories, title }) => [
        poll,
        status,
        `${categories}`,
        title,
      ])
      terminal.print(table(columns, rows, (text) => terminal.style('bold', text)))
    }
    return FINE
  },
})
