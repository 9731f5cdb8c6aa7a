/** Every page in Spanish, through HTTP: nothing in English is left, and every link stays in the language. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { closePoll } from '../../../src/commands/close-poll.ts'
import { openPoll } from '../../../src/commands/open-poll.ts'
import { eventually } from '../../support/eventually.ts'
import { startTestService, type TestService } from '../../support/service.ts'
import { formIn, type Page, Person, words } from '../person.ts'

const good = { 'allocation[health]': '40', 'allocation[education]': '25,5', 'allocation[science]': '34,5' }

let service: TestService
let person: Person
/** Where the person's own submission is, in Spanish. */
let own: string

beforeAll(async () => {
  service = await startTestService()
  person = new Person(service.url)
  await openPoll(service.services.commands, {
    ...{ poll: 'streets', title: 'Ulice?', step: 50, baselines: [] },
    categories: ['a', 'b'].map((id) => ({ id, label: id.toUpperCase(), description: '', colour: '#2b6cb0' })),
  })
  await openPoll(service.services.commands, {
    ...{ poll: 'over', title: 'Koniec?', step: 50, baselines: [] },
    categories: ['a', 'b'].map((id) => ({ id, label: id.toUpperCase(), description: '', colour: '#2b6cb0' })),
  })
  await closePoll(service.services.commands, 'over', 'ana')
  const form = formIn((await person.get('/es/')).html)
  expect((await person.send(form, { ...good, 'allocation[health]': '39,5', remember: 'yes' })).status).toBe(
    422,
  )
  const whole = { ...good, remember: 'yes', 'allocation[health]': '40', 'allocation[education]': '25' }
  const sent = await person.send(form, { ...whole, 'allocation[science]': '35' })
  own = sent.location!
  await eventually(async () => expect((await person.get('/es/results')).html).toContain('>1</dd>'))
})
afterAll(() => service.close())

/** Words that every English page has somewhere, and that Spanish does not know. */
const english =
  /\b(the|of|and|with|your|this|that|which|was|were|are|is|have|has|been|you|what|from|for|than|every|each|submission|submissions|page)\b/i

const spoken = (html: string): string =>
  [
    // Cities are called what the database of time zones calls them.
    // Commands are what they are in every language, and so is the title of a paper.
    words(
      html.replace(/<(option|pre)\b[^>]*>[\s\S]*?<\/\1>/g, '').replace(/«Truthful[\s\S]*?arXiv/, ''),
    ).replace(/https?:\S+/g, ''),
    ...[...html.matchAll(/\b(?:aria-label|label|title|content|placeholder)="([^"]*)"/g)].map(
      ([, text]) => text!,
    ),
    ...[...html.matchAll(/<(?:title|desc|text)\b[^>]*>([^<]*)</g)].map(([, text]) => text!),
    ...[...html.matchAll(/data-words="([^"]*)"/g)].map(([, json]) =>
      JSON.stringify(Object.values(JSON.parse(json!.replaceAll('&#34;', '"')))),
    ),
  ]
    .filter((text) => !/^https?:/.test(text))
    .join(' | ')

/** What a page must hold to be a Spanish one. */
function expectSpanish({ html, headers }: Page): void {
  expect(html).toContain('<html lang="es">')
  expect(headers.get('content-language')).toBe('es')
  const found = english.exec(spoken(html))
  expect(found && spoken(html).slice(Math.max(0, found.index - 60), found.index + 60)).toBeNull()
  for (const [, address] of html.matchAll(/<(?:a|form)\b[^>]*(?:href|action)="([^"#]+)"/g))
    if (!/^(\/api\/|mailto:|https:\/\/arxiv\.org\/)/.test(address!))
      expect(address).toMatch(/^\/(es|en)(\/|$)/)
}

describe('in Spanish', () => {
  test.each([
    ['the form', '/', 200, 'Reparta el 100 % del dinero entre 10 categorías, en porcentajes enteros.'],
    ['the form of a poll without a translation', '/polls/streets', 200, 'en pasos de 0,5 %'],
    ['a closed poll', '/polls/over', 200, 'Esta encuesta está cerrada «Koniec?» ya no admite'],
    ['the results', '/results', 200, 'Presupuesto real, año fiscal 2025'],
    ['results of the past', '/results?asOf=2026-01-01T00:00', 200, 'Entonces no se contaba ningún reparto'],
    ['a moment before the poll', '/results?position=0', 404, 'En ese momento aún no existía'],
    ['results without submissions', '/polls/streets/results', 200, 'Aún no se cuenta ningún reparto'],
    ['a bloc', '/results?bloc=20', 200, 'Qué haría un bloque del 20 % en cada categoría'],
    ['a bloc that is none', '/results?bloc=3', 422, 'El tamaño de un bloque es 1 %, 5 %, 10 % o 20 %.'],
    ['the method', '/method', 200, 'Vuelva a contarlas usted'],
    ['the truthful budget', '/method/truthful', 200, 'La media salta a 50,0 %'],
    ['privacy', '/privacy', 200, 'Qué guardamos y qué no'],
    ['the trends', '/trends', 200, 'al final de cada hora'],
    ['the trends of single days', '/trends?view=period&bucket=day', 200, 'por primera vez en ese día'],
    ['trends with mistakes', '/trends?tz=Berlin&from=x&bucket=eon', 422, '¿Quería decir Europe/Berlin?'],
    ['trends that are too fine', '/trends?bucket=hour&from=2000-01-01', 422, 'como máximo 5000 horas'],
    ['trends of nobody', '/trends?from=2020-01-01&to=2020-01-02', 200, 'ningún reparto en este intervalo'],
    ['the history', '/history', 200, 'Sanidad 40 % · Educación 25 % · Ciencia e investigación 35 %'],
    ['an address that leads nowhere', '/nowhere', 404, 'No hay nada en esta dirección'],
    ['a poll that is none', '/polls/none', 404, 'No existe esa encuesta'],
    ['a submission that is none', '/submissions/x', 404, 'ningún reparto tiene ese número'],
    ['a moment that is none', '/results?asOf=yesterday', 422, 'Escriba el momento como día y hora'],
    ['a moment to come', '/results?asOf=2999-01-01T00:00', 422, 'Ese momento aún no ha llegado.'],
    ['a position to come', '/results?position=999999', 404, 'La posición más reciente es'],
  ])('%s says what it has to say', async (_what, path, status, sentence) => {
    const page = await person.get(`/es${path}`)
    expect(page.status).toBe(status)
    expect(words(page.html)).toContain(sentence)
    expectSpanish(page)
  })

  test('one’s own page, somebody’s, the form to change it, and a moment before it was there', async () => {
    const mine = await person.get(own)
    const form = formIn((await person.get('/es/')).html)
    const reviewed = await person.send({ ...form, action: '/es/review' }, { 'allocation[health]': '100' })
    expect(words(reviewed.html)).toContain('Todavía no se ha enviado nada.')
    const split = { 'allocation[health]': '60', do: 'one', into: 'education' }
    const edited = await person.send({ ...form, action: '/es/edit' }, split)
    expect(words(edited.html)).toContain('Se ha repartido un 40 %.')
    const asked = await person.get(`${own}/receipt`)
    const file = await person.get(`${own}/receipt.txt`)
    expect(file.html).toContain('Enviado primera vez:')
    expect(file.headers.get('content-disposition')).toMatch(/^attachment; filename="recibo-[0-9a-f]{8}.txt"$/)
    for (const page of [reviewed, edited, asked]) expectSpanish(page)
    expect(words(mine.html)).toContain('Gracias: su reparto está guardado y cuenta')
    expect(words(mine.html)).toMatch(/Sanidad 40 % 40,0 % 0,0 50 % 28,2 % \+11,8/)
    const somebodys = await new Person(service.url).get(own)
    expect(words(somebodys.html)).toContain('¿Es suyo?')
    const revising = await person.get(`${own}/revise`)
    expect(words(revising.html)).toContain('Lo que envíe ahora sustituye a lo que envió antes.')
    const before = await person.get(`${own}?position=1`)
    expect([before.status, words(before.html)]).toEqual([
      404,
      expect.stringContaining('Aún no se había enviado'),
    ])
    const then = await person.get(`${own}?asOf=${new Date().toISOString()}`)
    expect(words(then.html)).toContain('Esto es el pasado')
    const stranger = await new Person(service.url).get(`${own}/revise`)
    expect(words(stranger.html)).toContain('Este navegador no tiene el recibo del reparto')
    for (const page of [mine, somebodys, revising, before, then, stranger]) expectSpanish(page)
  })

  test('mistakes in the form', async () => {
    const form = formIn((await person.get('/es/')).html)
    for (const [entries, sentence] of [
      [{ ...good }, 'Educación solo se puede repartir en porcentajes enteros: 25 % o 26 %.'],
      [{ 'allocation[health]': 'mucho' }, 'Sanidad necesita un número como 25, pero se ha escrito «mucho».'],
      [{ 'allocation[health]': '-3' }, 'Sanidad no puede tener menos del 0 %.'],
      [{ 'allocation[health]': '101' }, 'Sanidad no puede tener más del 100 %.'],
      [{ 'allocation[health]': '60' }, 'Los porcentajes suman 60 %, no 100 %: queda por repartir un 40 %.'],
      [{ 'allocation[health]': '60', 'allocation[other]': '47' }, 'sobra un 7 %.'],
      [{ 'allocation[x]': '6' }, 'Esta encuesta no tiene ninguna categoría «x».'],
      [{ token: 'x' }, 'Este formulario había caducado.'],
    ] as [Record<string, string>, string][]) {
      const refused = await person.send(form, entries)
      expect(refused.status).toBe(422)
      expect(words(refused.html)).toContain(sentence)
      expectSpanish(refused)
      expect(refused.html).not.toContain('hreflang="en"')
    }
  })

  test('a form that was sent already, and what comes from elsewhere', async () => {
    const form = formIn((await person.get('/es/')).html)
    await person.send(form, { 'allocation[health]': '100' })
    const again = await person.send(form, { 'allocation[other]': '100' })
    expect([again.status, words(again.html)]).toEqual([
      409,
      expect.stringContaining('Ya ha enviado este formulario'),
    ])
    const elsewhere = await person.post('/es/', new URLSearchParams(), { 'sec-fetch-site': 'cross-site' })
    expect([elsewhere.status, words(elsewhere.html)]).toEqual([
      400,
      expect.stringContaining('Procede de una página de otro sitio.'),
    ])
    for (const page of [again, elsewhere]) expectSpanish(page)
  })

  test('the receipt of a visit is known in both languages', async () => {
    const someone = new Person(service.url)
    const { location } = await someone.send(formIn((await someone.get('/es/')).html), {
      'allocation[health]': '100',
    })
    expect(location).toMatch(/^\/es\/submissions\//)
    expect(words((await someone.get(location!)).html)).toContain('Este es su recibo.')
    expect(words((await someone.get(location!.replace('/es', '/en'))).html)).toContain(
      'This is your receipt.',
    )
  })

  test('a poll without a translation is told apart from the page around it', async () => {
    const { html } = await person.get('/es/polls/streets')
    expect(html).toContain('<h1 lang="">Ulice?</h1>')
    expect((await person.get('/es/')).html).toContain('<h1 lang="es">¿En qué gastaría usted')
  })
})

test('what went wrong on our side has its number in every language', async () => {
  const { html } = await person.get('/es/%E0%A4%A')
  expect(words(html)).toContain('La solicitud no se ha podido leer')
})
