import { blocSizes } from '../../queries/bloc.ts'
import type { Locale } from '../locale.ts'
import type { ProseSection } from '../words/prose.ts'
import { exaggerated, example, honest } from './example.ts'
import { type LineupChart, lineupChart } from './lineup-chart.ts'
import type { PollLinks } from './links.ts'

/** A page that is read from top to bottom. */
export interface ProseView {
  readonly heading: string
  readonly lead: string
  readonly sections: readonly ProseSection[]
  /** Drawings, by the names that the sections give them. */
  readonly figures: Readonly<Record<string, LineupChart>>
}

/** The pages about the poll itself, by their names among the links. */
export const prosePages = ['method', 'truthful', 'privacy'] as const
export type ProsePage = (typeof prosePages)[number]

interface ProseInput {
  readonly locale: Locale
  readonly links: PollLinks
  /** Whose numbers the commands recount. */
  readonly poll: string
  readonly publicUrl: string
}

/** What a page about the poll says. */
export function proseView(name: ProsePage, { locale, links, poll, publicUrl }: ProseInput): ProseView {
  const { heading, lead } = locale.words[name]
  return { heading, lead, ...contentOf(name, { locale, links, poll, publicUrl }) }
}

function contentOf(
  name: ProsePage,
  { locale, links, poll, publicUrl }: ProseInput,
): Pick<ProseView, 'sections' | 'figures'> {
  const { words } = locale
  switch (name) {
    case 'method': {
      const places = { ...links, ...commandsFor(poll, publicUrl), blocs: blocSizes }
      return { sections: words.method.sections(places), figures: {} }
    }
    case 'truthful':
      return {
        sections: words.truthful.sections(example, links),
        figures: { honest: lineupChart(honest, locale), exaggerated: lineupChart(exaggerated, locale) },
      }
    case 'privacy':
      return { sections: words.privacy.sections(links), figures: {} }
    default:
      return name satisfies never
  }
}

/** What to write into a terminal to recount a poll. */
function commandsFor(poll: string, publicUrl: string) {
  const api = `${publicUrl}/api/polls/${poll}`
  return {
    fetch: [
      `POSITION=$(curl -s ${api}/results | grep -o '"position":"[0-9]*"' | tr -dc 0-9)`,
      `curl -s -o ${poll}.csv "${api}/submissions?format=csv&position=$POSITION"`,
    ],
    average: [`awk -F, 'NR > 1 { sum += $5 } END { print sum / (NR - 1) }' ${poll}.csv`],
    recount: [
      `npm run taxbudget -- recount ${poll}.csv --against ${publicUrl} --poll ${poll} --position $POSITION`,
    ],
  }
}
