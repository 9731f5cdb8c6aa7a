import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import Negotiator from 'negotiator'

/** How text is sent smaller: beside the event loop. */
export const encoders = {
  br: (text: Buffer) =>
    promisify(brotliCompress)(text, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: 5,
        [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
        [constants.BROTLI_PARAM_SIZE_HINT]: text.length,
      },
    }),
  gzip: (text: Buffer) => promisify(gzip)(text, { level: 6 }),
  identity: async (text: Buffer) => text,
} as const
export type Encoding = keyof typeof encoders

/** The best first, where who asks does not mind. */
const encodings = Object.keys(encoders) as Encoding[]

/** Who says nothing gets the bytes as they are. */
export function encodingFor(accepted: string | undefined): Encoding {
  if (accepted === undefined) return 'identity'
  const acceptable = new Negotiator({ headers: { 'accept-encoding': accepted } }).encodings([...encodings])
  return encodings.find((encoding) => acceptable.includes(encoding)) ?? 'identity'
}
