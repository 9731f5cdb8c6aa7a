/** What a form does with what is entered in it, where no script does it. `public/form.js` is the same in the browser. */
import type { PollDefinition } from '../../events/poll-events.ts'
import type { Locale } from '../locale.ts'
import { moved, restOf, splitRest } from '../public/split.js'
import { did, redone, undone } from '../public/steps.js'
import { fill } from '../words/template.ts'
import type { FormInput } from './form-input.ts'
import { reread, stateOf } from './form-state.ts'

interface Drafting {
  readonly locale: Locale
  readonly definition: PollDefinition
  /** In which the form shows the categories. */
  readonly order: readonly number[]
}

/** A form that has done what its button says, and a sentence about it. */
export interface Drafted {
  readonly input: FormInput
  readonly notice: string | undefined
}

/** By how much − and + move a field, basis points. */
const STEP_BY = 500

/**
 * @param act a button's value: `more:<category>`, `less:<category>`, `equal`, `proportion`, `one` (with `into`), `undo`,
 * `redo`, `reset`; anything else leaves everything as it is
 */
export function draft(drafting: Drafting, input: FormInput, act: string, into: string): Drafted {
  const [name, category = ''] = act.split(':', 2)
  switch (name) {
    case 'more':
    case 'less':
      return step(drafting, input, category, name === 'more' ? 1 : -1)
    case 'equal':
    case 'proportion':
      return split(drafting, input, name)
    case 'one':
      return split(drafting, input, into)
    case 'undo':
    case 'redo':
      return goBack(drafting, input, name)
    case 'reset':
      return reset(drafting, input)
    default:
      return { input, notice: undefined }
  }
}

function step({ definition, locale }: Drafting, input: FormInput, id: string, direction: number): Drafted {
  if (!input.entered.has(id)) return { input, notice: undefined }
  const share = moved(input.allocation[id], direction, STEP_BY, definition.step)
  const entered = new Map(input.entered).set(id, locale.format.entry(share))
  return { input: done(definition, input, { entered }), notice: undefined }
}

function split(drafting: Drafting, input: FormInput, way: string): Drafted {
  const { definition, order, locale } = drafting
  const { script } = locale.words.form
  const unread = definition.categories.filter(({ id }) => input.allocation[id] === undefined)
  if (unread.length > 0) {
    const sentence = locale.format.choose(unread.length, script.unclear)
    return { input, notice: fill(sentence, { count: locale.format.count(unread.length) }) }
  }
  const shown = order.map((place) => definition.categories[place]!)
  const rows = shown.map(({ id }) => ({ share: input.allocation[id]!, locked: input.locked.has(id) }))
  const place = shown.findIndex(({ id }) => id === way)
  const outcome = splitRest(rows, definition.step, way === 'equal' || way === 'proportion' ? way : place)
  if ('refused' in outcome) {
    const category = shown[place]?.label ?? ''
    return { input, notice: fill(script[refusals[outcome.refused]], { category }) }
  }
  const changed = outcome.shares.flatMap((share, index): [string, string][] =>
    share === rows[index]!.share ? [] : [[shown[index]!.id, locale.format.entry(share)]],
  )
  const entered = new Map([...input.entered, ...changed])
  const amount = locale.format.percent(restOf(rows.map(({ share }) => share)))
  return { input: done(definition, input, { entered }), notice: fill(script.given, { amount }) }
}

/** What the arithmetic refuses, in the script's words. */
const refusals = {
  'nothing-left': 'nothingLeft',
  'all-locked': 'allLocked',
  'nothing-there': 'nothingThere',
  locked: 'oneLocked',
} as const

function reset({ definition, locale }: Drafting, input: FormInput): Drafted {
  const entered = new Map([...input.entered].map(([id]) => [id, '']))
  const cleared = done(definition, input, { entered, locked: new Set() })
  return { input: cleared, notice: locale.words.form.script.cleared }
}

function goBack({ definition, locale }: Drafting, input: FormInput, act: 'undo' | 'redo'): Drafted {
  const { script } = locale.words.form
  const found = (act === 'undo' ? undone : redone)(input.steps, stateOf(definition, input))
  if (!found) return { input, notice: act === 'undo' ? script.nothingToUndo : script.nothingToRedo }
  const entered = new Map(definition.categories.map(({ id }, place) => [id, found.state[place]!]))
  const locks = found.state.at(-1)!
  const locked = new Set(definition.categories.filter((_, place) => locks[place] === '1').map(({ id }) => id))
  const back = { ...input, ...reread(definition, entered), locked, steps: found.steps }
  return { input: back, notice: act === 'undo' ? script.undone : script.redone }
}

/** With the change, and what was before it to be undone. */
function done(
  definition: PollDefinition,
  input: FormInput,
  { entered, locked = input.locked }: Pick<FormInput, 'entered'> & Partial<Pick<FormInput, 'locked'>>,
): FormInput {
  const next = { ...input, ...reread(definition, entered), locked }
  const before = stateOf(definition, input)
  if (stateOf(definition, next).join('\n') === before.join('\n')) return input
  return { ...next, steps: did(input.steps, before) }
}
