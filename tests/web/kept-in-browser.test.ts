/** What pages leave in a browser is what the privacy page names, no more and no less. */
import { expect, test } from 'vitest'
import { languages } from '../../src/web/words/languages.ts'
import { wordsIn } from '../../src/web/words/words.ts'
import { stageFor } from './stage.ts'
import { fill, submit } from './walk.ts'

const stageNow = stageFor()

/** Names of what is stored here; behind a space stands which poll or form it is about. */
async function kept(): Promise<string[]> {
  const { page } = stageNow()
  const stored = await page.evaluate<string[]>('[sessionStorage, localStorage].flatMap(Object.keys)')
  const cookies = await page.context().cookies()
  return [...cookies.map(({ name }) => name), ...stored.map((key) => key.replace(/ .*/, ''))]
}

test.each(languages)('whatever a visit leaves is named, in %s', async (language) => {
  const stage = stageNow()
  await fill(stage, { language, shares: { health: '30' } })
  await stage.button(wordsIn(language).form.slider).click()
  const before = await kept()
  await submit(stage, { language, remember: true })
  await stage.page.goto(`/${language}/results`)
  const after = await kept()
  await stage.page.goto(`/${language}/privacy`)
  const said = (await stage.page.locator('#device ~ ul').first().textContent())!
  const named = [...said.matchAll(/\(([a-z]+)\)/g)].map(([, name]) => name!)
  expect(named.sort()).toEqual([...new Set([...before, ...after])].sort())
})
