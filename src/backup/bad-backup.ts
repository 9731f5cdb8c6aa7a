/** The file is no backup, or not a whole one: nothing of it may be used. The message says what is wrong, and where. */
export class BadBackup extends Error {
  override readonly name = 'BadBackup'
}

/** It has nothing of a backup: a folder, an empty file, something else. */
export class NoBackup extends BadBackup {}
