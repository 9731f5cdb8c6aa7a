import type { FastifyReply, FastifyRequest } from 'fastify'
import { Problem, problems } from '../../../errors.ts'
import { toProblem } from '../../to-problem.ts'
import type { Console } from '../console.ts'
import type { Message } from './messages.ts'
import { Once } from './once.ts'

/** One act of an operator, asked for by a form. */
interface Act {
  /** For the log: `projections rebuild`. */
  readonly name: string
  /** What it is done to, for the log. */
  readonly on?: string | undefined
  /** Where to go afterwards, whatever comes of it. */
  readonly next: string
  /** @param by the operator's label @param form the form's id @throws {Problem} what stands against it */
  run(by: string, form: string): Promise<Outcome>
}

/** What is told, and where, if not at the act's `next`. */
interface Outcome {
  readonly heading: string
  readonly text?: string
  readonly next?: string
}

export type Actor = (request: FastifyRequest, reply: FastifyReply, act: Act) => Promise<FastifyReply>

/** Does an act once, and leads to the page that tells what came of it. */
export function actingOn(console: Console): Actor {
  const once = new Once<{ message: Message; next: string }>()
  return async (request, reply, act) => {
    const session = console.session(request)
    const form = console.formOf(request)
    const { outcome, isRepeat } = await once.run(form, () => outcomeOf(request, act, session.label, form))
    const message = isRepeat ? repeated(outcome.message) : outcome.message
    console.messages.leave(reply, session.id, message)
    return reply.redirect(outcome.next, 303)
  }
}

async function outcomeOf(request: FastifyRequest, act: Act, by: string, form: string) {
  const about = { operator: by, act: act.name, on: act.on }
  try {
    const { next = act.next, ...told } = await act.run(by, form)
    request.log.info({ ...about, outcome: told.heading }, 'an operator has acted')
    return { message: { kind: 'good', ...told } as const, next }
  } catch (error) {
    const problem = toProblem(error, request.id)
    const level = problem.status >= 500 ? 'error' : 'info'
    request.log[level]({ ...about, err: error }, 'an act of an operator was refused')
    return { message: refusal(problem), next: act.next }
  }
}

/** A problem in words. */
function refusal(problem: Problem): Message {
  const errors = problem.errors.map(({ message }) => message)
  const text = [problem.detail, ...errors].filter((line) => line !== undefined).join(' ')
  return { kind: 'bad', heading: `Not done: ${lowerFirst(problems[problem.code].title)}`, text }
}

const repeated = ({ kind, heading, text = '' }: Message): Message => ({
  kind,
  heading: 'This form was sent before. Nothing was done a second time.',
  text: `What came of it the first time: ${heading}${/[.:?!]$/.test(heading) ? '' : '.'} ${text}`.trim(),
})

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1)

/** Refuses an act whose page shows what is no longer so. */
export function requireSeen(request: FastifyRequest, now: string): void {
  const { seen } = (request.body ?? {}) as { seen?: unknown }
  if (seen !== now)
    throw new Problem('STALE_PAGE', {
      detail: `Your page showed: ${typeof seen === 'string' && seen !== '' ? seen.slice(0, 200) : 'nothing'}. By now it is: ${now}. Look again, and decide anew.`,
    })
}
