import type { Encoder } from './encoder.ts'

/**
 * One JSON object a line, as the API gives a submission: `allocation` is category → basis points, and the position is
 * a string, because it may be larger than a double can tell.
 */
export const encodeNdjson: Encoder = async function* ({ definition }, rows) {
  const names = definition.categories.map(({ id }) => `"${id}":`)
  for await (const batch of rows) {
    let text = ''
    for (const { pseudonym, submittedAt, changedAt, position, shares } of batch) {
      text += `{"pseudonym":"${pseudonym}","submittedAt":"${submittedAt}","changedAt":"${changedAt}","position":"${position}","allocation":{`
      for (let i = 0; i < shares.length; i++) text += `${i > 0 ? ',' : ''}${names[i]}${shares[i]}`
      text += '}}\n'
    }
    yield Buffer.from(text, 'latin1')
  }
}
