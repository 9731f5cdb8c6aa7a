import type { FastifyReply, FastifyRequest } from 'fastify'
import { Problem } from '../../errors.ts'
import { type Actor, actingOn } from './acts/actor.ts'
import { type Message, Messages } from './acts/messages.ts'
import type { OperatorContext } from './context.ts'
import { LiveStates } from './overview/live-state.ts'
import { Forms } from './session/forms.ts'
import { consoleKey } from './session/sealed.ts'
import { type Session, Sessions, type SessionsOptions } from './session/sessions.ts'
import { Visits } from './session/visits.ts'
import { type ConsolePage, type ConsoleViews, renderConsole, sendConsole } from './views.ts'

const sessionsOf = new WeakMap<FastifyRequest, Session>()

/** What every route of the console works with. */
export class Console {
  readonly context: OperatorContext
  readonly operatorToken: string
  readonly now: () => Date
  readonly sessions: Sessions
  readonly visits: Visits
  readonly forms: Forms
  readonly messages: Messages
  readonly act: Actor
  readonly states: LiveStates

  constructor(context: OperatorContext, options: SessionsOptions) {
    const key = consoleKey(options.secret, options.operatorToken)
    this.context = context
    this.operatorToken = options.operatorToken
    this.now = options.now
    this.sessions = new Sessions(options)
    this.visits = new Visits(key, options.publicUrl)
    this.forms = new Forms(key)
    this.messages = new Messages(key, options.publicUrl)
    this.act = actingOn(this)
    this.states = new LiveStates(context, options.now)
  }

  /** From now on `session(request)` is this one. */
  admit(request: FastifyRequest, session: Session): void {
    sessionsOf.set(request, session)
  }

  /** Who has sent a request; only of routes behind the sign-in. */
  session(request: FastifyRequest): Session {
    const session = sessionsOf.get(request)
    if (!session) throw new Error('this route is not behind the sign-in')
    return session
  }

  /**
   * The id of the form that a request was sent with.
   * @throws {Problem} MALFORMED_REQUEST if it was not made for this session
   */
  formOf(request: FastifyRequest, session = this.session(request).id): string {
    const { form } = (request.body ?? {}) as { form?: unknown }
    const id = this.forms.idOf(form, session)
    if (id === undefined)
      throw new Problem('MALFORMED_REQUEST', {
        detail: 'The form is not one of your present session. Nothing was done. Please open the page again.',
      })
    return id
  }

  /** Sends a page of the console, with what is to be told once. */
  async page<Name extends keyof ConsoleViews>(
    request: FastifyRequest,
    reply: FastifyReply,
    page: ConsolePage<Name>,
  ): Promise<FastifyReply> {
    const session = sessionsOf.get(request)
    const message = session && this.messages.take(request, reply, session.id)
    return sendConsole(reply, await this.#render(page, session, page.message ?? message))
  }

  /** Sends the part of a page that changes by itself. */
  async fragment<Name extends keyof ConsoleViews>(
    request: FastifyRequest,
    reply: FastifyReply,
    page: ConsolePage<Name>,
  ): Promise<FastifyReply> {
    return sendConsole(reply, await this.#render(page, this.session(request)))
  }

  #render<Name extends keyof ConsoleViews>(
    { name, title, current, view }: ConsolePage<Name>,
    session: Session | undefined,
    message?: Message,
  ): Promise<string> {
    const form = session && this.forms.issue(session.id)
    const frame = { title, current, operator: session?.label, form, message, now: this.now() }
    return renderConsole(name, frame, view)
  }
}
