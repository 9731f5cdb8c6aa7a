import { Problem } from '../../errors.ts'
import { Misuse } from '../exit-codes.ts'

/** Reads what was asked. @throws {Misuse} if the question is invalid */
export function askedWell<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    return asMisuse(error)
  }
}

/** What the API calls an invalid request is wrong use here. */
export function asMisuse(error: unknown): never {
  if (error instanceof Problem && error.code === 'INVALID_REQUEST')
    throw new Misuse(error.errors.map(({ message }) => message).join('\n'))
  throw error
}
