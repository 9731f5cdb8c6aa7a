import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { extname } from 'node:path'
import { Misuse } from '../exit-codes.ts'
import { type BallotFile, UnusableFile } from './ballot-file.ts'
import { openCsvFile } from './csv-file.ts'
import { openPbFile } from './pb-file.ts'

export interface OpenedFile {
  readonly file: BallotFile
  readonly bytes: number
}

/** Opens a `.pb` or `.csv` file. @throws {UnusableFile} nothing of it can be imported */
export async function openBallotFile(
  path: string,
  options: { readonly normalise: boolean; readonly now: () => Date },
): Promise<OpenedFile> {
  const open = () => createReadStream(path)
  const bytes = async () => {
    const found = await stat(path)
    if (found.isDirectory()) throw new UnusableFile(`${path} is a folder, not a file.`)
    return found.size
  }
  switch (extname(path).toLowerCase()) {
    case '.pb':
      return { bytes: await bytes(), file: await openPbFile(open(), options) }
    case '.csv':
      return { bytes: await bytes(), file: await openCsvFile(open, options) }
    default:
      throw new Misuse(`${path} must end in .pb (Pabulib) or .csv.`)
  }
}
