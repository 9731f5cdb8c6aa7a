import { join } from 'node:path'
import ejs from 'ejs'
import type { FastifyReply } from 'fastify'
import { asset } from '../pages/assets.ts'
import type { Message } from './acts/messages.ts'
import type { ExclusionFormView } from './exclusions/exclusion-form.ts'
import type { JobView } from './exclusions/job-view.ts'
import type { PreviewView } from './exclusions/preview-view.ts'
import * as format from './format.ts'
import type { DoctorView } from './overview/doctor-view.ts'
import type { OverviewView } from './overview/overview-view.ts'
import type { ParkedView, SkipView } from './parked/parked-view.ts'
import type { CheckedPollView, PollsView } from './polls/polls-view.ts'
import type { ConfirmView, ProjectionsView } from './projections/projections-view.ts'
import type { SignInView } from './session/sign-in-routes.ts'
import * as words from './words.ts'

/** Every view of the console, and what it is given. Those in `partials` are the parts of pages that change by themselves. */
export interface ConsoleViews {
  closed: Record<string, never>
  'sign-in': SignInView
  problem: { readonly text: readonly string[]; readonly back: string }
  overview: OverviewView
  'partials/overview-live': OverviewView
  doctor: DoctorView
  projections: ProjectionsView
  'partials/projections-live': ProjectionsView
  confirm: ConfirmView
  parked: ParkedView
  skip: SkipView
  exclusions: ExclusionFormView
  preview: PreviewView
  job: JobView
  'partials/job-live': JobView
  polls: PollsView
  'checked-poll': CheckedPollView
}

/** An entry of the console's navigation. */
type Section = 'overview' | 'projections' | 'parked' | 'exclusions' | 'polls'

export interface ConsolePage<Name extends keyof ConsoleViews> {
  readonly name: Name
  readonly title: string
  readonly current?: Section
  readonly view: ConsoleViews[Name]
  /** Told on this page, in place of what an act has left to be told. */
  readonly message?: Message
}

interface ConsoleFrame {
  readonly title: string
  readonly current: Section | undefined
  /** Label of who is signed in. */
  readonly operator: string | undefined
  /** What every form carries. */
  readonly form: string | undefined
  readonly message: Message | undefined
  readonly now: Date
}

const directory = join(import.meta.dirname, '..', 'views', 'operator')

/** A page of the console as HTML, or a part of one. */
export const renderConsole = <Name extends keyof ConsoleViews>(
  name: Name,
  frame: ConsoleFrame,
  view: ConsoleViews[Name],
): Promise<string> =>
  ejs.renderFile(join(directory, `${name}.ejs`), { frame, view, format, words, asset }, { cache: true })

/** Sends a page of the console, or a part of one. */
export const sendConsole = (reply: FastifyReply, html: string): FastifyReply =>
  reply.type('text/html; charset=utf-8').send(html)
