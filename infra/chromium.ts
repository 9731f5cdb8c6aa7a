import { delimiter, join } from 'node:path'
import { isExecutable } from './programs.ts'

const names = ['chromium', 'chromium-browser', 'google-chrome']

/** Where the browser of the browser tests is: /usr/bin, or else anywhere on `path`; undefined if it is not installed. */
export const findChromium = (path = process.env.PATH ?? ''): string | undefined =>
  ['/usr/bin', ...path.split(delimiter)]
    .flatMap((folder) => names.map((name) => join(folder, name)))
    .find(isExecutable)
