/** The pages that a poll's form leads through. */
import type { FastifyReply } from 'fastify'
import { submissionIdFor } from '../../commands/submit-allocation.ts'
import { actionsOf } from './form-actions.ts'
import { type FormInput, fieldName } from './form-input.ts'
import { orderFor } from './form-order.ts'
import { submissionKey } from './form-token.ts'
import { type FormOptions, formView } from './form-view.ts'
import type { FormVisit } from './form-visit.ts'
import { addressOf, frameOf } from './frame.ts'
import { submissionLink } from './links.ts'
import { formAlt } from './pictures/picture-alts.ts'
import type { PagesScope } from './plugin.ts'
import type { PollPage } from './poll-page.ts'
import { sendMessage } from './problem-page.ts'
import { reviewView } from './review-view.ts'
import { pollPicture } from './sharing/sharing-links.ts'
import { sendPage } from './views.ts'

/** What the form holds, and whose it is. */
export interface Filled extends Pick<FormOptions, 'input' | 'sent' | 'seen' | 'into' | 'notice' | 'trouble'> {
  readonly visit: Pick<FormVisit, 'token'> & Partial<FormVisit>
}

export function sendForm(
  scope: PagesScope,
  reply: FastifyReply,
  page: PollPage,
  { visit, ...filled }: Filled,
): Promise<FastifyReply> {
  const { definition, locale, links, lang } = page
  const { form: words } = locale.words
  const { token, submission } = visit
  const hasMistakes = filled.input !== undefined && filled.input.errors.length > 0
  const frame = frameOf({
    ...{ locale, links, pollLang: lang, current: 'form', scripts: ['form.js'] },
    title: hasMistakes ? words.pleaseCheck(definition.title) : definition.title,
    description: words.description(definition.categories.length),
    address: addressOf(reply.request),
    listedAt: scope.context.publicUrl,
    openGraph: {
      image: scope.context.publicUrl + pollPicture(locale, definition.poll, 'form'),
      imageAlt: formAlt(page),
    },
  })
  const view = formView({
    ...{ locale, definition, token, ...filled },
    actions: actionsOf(links.form),
    order: orderFor(token, definition.categories.length),
    before: submission && submissionLink(locale, submission),
  })
  return sendPage(reply, 'form', frame, view)
}

/** Everything as it will be sent: a page of its own, which stores nothing. */
export function sendReview(
  reply: FastifyReply,
  page: PollPage,
  { token, input }: { readonly token: string; readonly input: FormInput },
): Promise<FastifyReply> {
  const { definition, locale, links, lang } = page
  const frame = frameOf({
    ...{ locale, links, pollLang: lang, current: 'form', scripts: ['review.js'] },
    title: locale.words.review.title(definition.title),
  })
  const view = reviewView({
    ...{ locale, definition, token, input },
    actions: actionsOf(links.form),
    order: orderFor(token, definition.categories.length),
    result: submissionLink(locale, submissionIdFor(definition.poll, submissionKey(token))),
  })
  return sendPage(reply, 'review', frame, view)
}

export function sendClosed(
  reply: FastifyReply,
  { definition, locale, links }: PollPage,
): Promise<FastifyReply> {
  const { common, form } = locale.words
  const view = {
    heading: form.closed,
    text: [form.closedText(definition.title)],
    actions: [{ href: links.results, label: common.seeResults }],
  }
  return sendMessage(reply, view, links)
}

/** The form's token is used: here is what was made with it, how to change it, and a new form. */
export function sendAlreadySent(
  reply: FastifyReply,
  { locale, links }: PollPage,
  { submission, input }: { readonly submission: string; readonly input: FormInput },
): Promise<FastifyReply> {
  const { form } = locale.words
  const path = submissionLink(locale, submission)
  const fields = [...input.entered].map(([id, text]) => [fieldName(id), text] as const)
  const view = {
    heading: form.alreadySent,
    text: form.alreadySentText,
    actions: [
      { href: path, label: form.goToSubmission },
      { href: links.form, label: form.startAnew },
    ],
    resend: { action: `${path}/revise/review`, fields, text: form.changeToThis, label: form.changeIt },
  }
  return sendMessage(reply.code(409), view, links)
}
