import { Writable } from 'node:stream'
import { pino } from 'pino'
import { expect, it } from 'vitest'
import { loggerOptions } from '../../src/web/logging.ts'

function logged(write: (log: pino.Logger) => void): string {
  let text = ''
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += chunk
      done()
    },
  })
  write(pino(loggerOptions('info'), stream))
  return text
}

const headers = {
  authorization: 'SECRET',
  cookie: 'SECRET',
  'set-cookie': 'SECRET',
  receipt: 'SECRET',
  'idempotency-key': 'SECRET',
}

it.each([headers, { headers }, { req: { headers } }, { body: headers }, { err: { headers } }])(
  'given %j, writes no secret',
  (object) => {
    expect(logged((log) => log.info(object, 'x'))).not.toContain('SECRET')
  },
)

it('given a request, writes its method and path, but neither address nor query', () => {
  const request = {
    method: 'GET',
    url: '/x?token=SECRET',
    ip: '192.0.2.1',
    socket: { remoteAddress: '192.0.2.1' },
    headers,
  }
  const line = JSON.parse(logged((log) => log.info({ req: request }, 'x')))
  expect(line.req).toEqual({ method: 'GET', path: '/x' })
})

it('given a refusal of Redis, writes its reason and its stack, but nothing of the command', () => {
  const refusal = Object.assign(new Error('WRONGPASS'), {
    command: { name: 'auth', args: ['SECRET'] },
    code: 'X',
  })
  const text = logged((log) => log.warn({ err: refusal }, 'x'))
  expect(text).not.toContain('SECRET')
  expect(JSON.parse(text).err).toMatchObject({ message: 'WRONGPASS', code: 'X', stack: expect.any(String) })
})
