import ejs from 'ejs'
import { expect, test } from 'vitest'
import { localeOf } from '../../../src/web/locale.ts'
import { frameOf } from '../../../src/web/pages/frame.ts'
import { pollLinks } from '../../../src/web/pages/links.ts'
import { render } from '../../../src/web/pages/views.ts'
import { link, rich, strong, time } from '../../../src/web/words/rich.ts'

const locale = localeOf({ originalUrl: '/es/', headers: {} })
const plain = { locale, title: 'A <b>', links: pollLinks(locale) }
const message = { heading: 'H', text: [], actions: [] }

test('a page with a picture shows it where its address is shared, and no other does', async () => {
  const openGraph = { image: 'https://budget.example.org/p.png?a=1&b=2', imageAlt: 'Un «gráfico»' }
  const listed = { address: '/results?x=1', listedAt: 'https://budget.example.org' }
  const html = await render('message', frameOf({ ...plain, ...listed, openGraph }), message)
  expect(html).toContain('<meta property="og:title" content="A &lt;b&gt;">')
  expect(html).toContain('<meta property="og:url" content="https://budget.example.org/es/results">')
  expect(html).toContain('<meta property="og:image" content="https://budget.example.org/p.png?a=1&amp;b=2">')
  expect(html).toContain('<meta property="og:image:alt" content="Un «gráfico»">')
  expect(await render('message', frameOf(plain), message)).not.toContain('og:')
})

test('a sentence with something marked in it stays text, whatever is put into it', async () => {
  const evil = '<script>alert(1)</script>'
  const text = rich`${evil} ${strong(rich`${time(evil, '"')}`)} ${[evil]} ${link(evil, '"><i>')}`
  const shown: string = await ejs.renderFile('src/web/views/partials/rich.ejs', { text })
  expect(shown).not.toMatch(/<script|<i>/)
  expect(shown.match(/&lt;script&gt;/g)).toHaveLength(4)
  expect(shown).toContain('<strong><time datetime="&#34;">')
})
