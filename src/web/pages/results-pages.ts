import { setImmediate as nextTurn } from 'node:timers/promises'
import { type BlocEffect, type BlocSize, blocOf } from '../../queries/bloc.ts'
import type { Answer } from '../../queries/results.ts'
import { pollStatistics } from '../../queries/statistics.ts'
import type { Locale } from '../locale.ts'
import type { Moment } from '../moment.ts'
import { permanentQuery } from '../permanent-link.ts'
import { frameOf } from './frame.ts'
import { livePart } from './live-part.ts'
import { momentView } from './moment-form.ts'
import { resultsAlt } from './pictures/picture-alts.ts'
import type { PagesScope } from './plugin.ts'
import { type PollPage, pollPage } from './poll-page.ts'
import { RenderedPage, RenderedPages } from './rendered-page.ts'
import { resultsPageView } from './results-page-view.ts'
import { pictureIn, type ShareBlock, shareBlock } from './sharing/share-block.ts'
import { pollPicture } from './sharing/sharing-links.ts'
import { render } from './views.ts'

/** What somebody wants to see. */
interface Wanted {
  /** The whole page, or what of it changes with every snapshot. */
  readonly part: 'page' | 'fragment'
  readonly answer: Answer
  readonly locale: Locale
  readonly bloc: BlocSize
  /** A moment of the past, and the address by which it was asked for. */
  readonly past: { readonly moment: Moment; readonly address: string | undefined } | undefined
}

/**
 * Pages of results. Each aggregate is rendered once for every tier that gives it, every locale and size of a bloc. A
 * moment of the past can be asked for in many ways, and is rendered for each.
 */
export class ResultsPages {
  readonly #scope: PagesScope
  readonly #rendered = new RenderedPages()

  constructor(scope: PagesScope) {
    this.#scope = scope
  }

  async of(wanted: Wanted): Promise<RenderedPage> {
    if (wanted.past) return new RenderedPage(await this.#draw(wanted))
    const { part, answer, locale, bloc } = wanted
    const key = `${part} ${answer.tier} ${locale.language} ${locale.base} ${bloc}`
    return this.#rendered.of(answer.aggregate, key, () => this.#draw(wanted))
  }

  async #draw({ part, answer, locale, bloc, past }: Wanted): Promise<string> {
    const { aggregate } = answer
    const page = pollPage(this.#scope, locale, aggregate)
    const { definition, links, lang } = page
    const { publicUrl } = this.#scope.context
    const { results: words } = locale.words
    const share = past ? undefined : this.#shareOf(answer, page)
    const fragment = `${links.results}/fragment?bloc=${bloc}`
    const live = past ? undefined : livePart(this.#scope, definition.poll, fragment)
    const frame = frameOf({
      ...{ locale, links, pollLang: lang, current: 'results', resultsOf: definition.poll },
      ...(live && { scripts: aggregate.counted > 0 ? ['live.js', 'share.js'] : ['live.js'] }),
      ...(share && { openGraph: pictureIn(share, publicUrl) }),
      title: words.title(definition.title),
      description: words.description(definition.title),
      // The page of now is the same for everybody, whatever else their addresses say.
      address: past ? past.address : links.results.slice(locale.base.length),
      listedAt: publicUrl,
    })
    const permanent = links.results + permanentQuery(aggregate, past?.moment.asOf)
    const moment = momentView(links.results, past?.moment, { permanent, publicUrl })
    const effects = await blocEffects(answer, bloc)
    const view = resultsPageView(answer, page, { moment, bloc, effects, share, live })
    return render(part === 'page' ? 'results' : 'partials/results-live', frame, view)
  }

  #shareOf({ aggregate }: Answer, page: PollPage): ShareBlock {
    const { definition, locale, links } = page
    return shareBlock(page, this.#scope.context, {
      path: links.results.slice(locale.base.length),
      picture: pollPicture(locale, definition.poll, 'results'),
      pictureAlt: resultsAlt(aggregate, page),
    })
  }
}

/** Of a poll of a hundred categories this takes a third of a second: others get their turn after each. */
async function blocEffects({ aggregate }: Answer, size: BlocSize): Promise<BlocEffect[]> {
  if (aggregate.counted === 0) return []
  const effectOn = blocOf(pollStatistics(aggregate).distributions, size)
  const effects: BlocEffect[] = []
  for (const index of aggregate.categories.keys()) {
    effects.push(effectOn(index))
    await nextTurn()
  }
  return effects
}
