/** A few words of PostgreSQL's protocol, for servers that are not what they should be. */

const message = (type: string, ...parts: readonly (string | Buffer)[]): Buffer => {
  const body = Buffer.concat(
    parts.map((part) => (typeof part === 'string' ? Buffer.from(`${part}\0`) : part)),
  )
  const length = Buffer.alloc(4)
  length.writeInt32BE(body.length + 4)
  return Buffer.concat([Buffer.from(type), length, body])
}

const int16 = (value: number): Buffer => {
  const buffer = Buffer.alloc(2)
  buffer.writeInt16BE(value)
  return buffer
}

const int32 = (value: number): Buffer => {
  const buffer = Buffer.alloc(4)
  buffer.writeInt32BE(value)
  return buffer
}

const ready = message('Z', Buffer.from('I'))

/** Takes a client in without a password. */
export const welcome = Buffer.concat([message('R', int32(0)), ready])

/** One row of one text column. */
export function oneRow(column: string, value: string): Buffer {
  const text = 25
  const description = [column, int32(0), int16(0), int32(text), int16(-1), int32(-1), int16(0)]
  return Buffer.concat([
    message('T', int16(1), ...description),
    message('D', int16(1), int32(value.length), Buffer.from(value)),
    message('C', 'SHOW'),
    ready,
  ])
}

/** Refuses a client. */
export const fatal = (code: string, words: string): Buffer =>
  message('E', 'SFATAL', 'VFATAL', `C${code}`, `M${words}`, Buffer.from('\0'))
