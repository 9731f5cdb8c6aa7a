import fc from 'fast-check'
import { v5 } from 'uuid'
import { expect, test } from 'vitest'
import { nameBasedUuid, namespaceOf } from '../../src/commands/name-based-uuid.ts'

test('it is the example of RFC 9562, appendix A.4', () => {
  const dns = namespaceOf('6ba7b810-9dad-11d1-80b4-00c04fd430c8')
  expect(nameBasedUuid(dns, 'www.example.com')).toBe('2ed6657d-e927-568b-95e1-2665a8aea6a2')
})

test('whatever the name, it is what the package uuid makes of it', () => {
  fc.assert(
    fc.property(fc.uuid(), fc.string({ unit: 'grapheme' }), (namespace, name) => {
      expect(nameBasedUuid(namespaceOf(namespace), name)).toBe(v5(name, namespace))
    }),
  )
})
