/** Which figures a PromQL expression reads, as Prometheus' own grammar understands it. */
import { parser } from '@prometheus-io/lezer-promql'

/** One vector selector. */
interface Selected {
  readonly metric: string
  readonly matchers: readonly { readonly label: string; readonly operator: string; readonly value: string }[]
}

export interface Read {
  readonly selected: readonly Selected[]
  /** Labels that anything is grouped by. */
  readonly groupedBy: readonly string[]
}

/** @throws if it is no PromQL */
export function readsOf(expression: string): Read {
  const selected: Selected[] = []
  const groupedBy: string[] = []
  const text = ({ from, to }: { from: number; to: number }) => expression.slice(from, to)
  parser.parse(expression).iterate({
    enter: ({ type, node }) => {
      if (type.isError) throw new Error(`no PromQL at ${node.from}: ${expression}`)
      if (type.name === 'VectorSelector') {
        const matchers = node.node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? []
        selected.push({
          metric: text(node.node.getChild('Identifier')!),
          matchers: matchers.map((matcher) => ({
            label: text(matcher.getChild('LabelName')!),
            operator: text(matcher.getChild('MatchOp')!),
            value: text(matcher.getChild('StringLiteral')!).slice(1, -1),
          })),
        })
      }
      if (type.name === 'GroupingLabels') groupedBy.push(...node.node.getChildren('LabelName').map(text))
    },
  })
  return { selected, groupedBy }
}
