import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Debian puts servers here, which is not on the path of ordinary users. */
const FOR_SERVERS = ['/usr/sbin', '/usr/local/sbin']

/** Where a program is: on `path`, or else where servers are; undefined if it is not installed. */
export const findProgram = (name: string, path = process.env.PATH ?? ''): string | undefined =>
  [...path.split(delimiter), ...FOR_SERVERS].map((folder) => join(folder, name)).find(isExecutable)

export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
