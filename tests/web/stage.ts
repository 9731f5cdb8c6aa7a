import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { startTestService, type TestService } from '../support/service.ts'
import { expectAccessible } from './axe.ts'
import { openBrowser, sizes } from './browser.ts'

/** A page with nothing in it, for what has to be done before the first one. */
export const EMPTY = 'about:blank'

/** A service, a browser, and the page that a test has opened. */
export class Stage {
  readonly service: TestService
  readonly #browser: Browser
  #page: Page | undefined
  /** What the page asked of anybody else, and what went wrong in it. */
  complaints: string[] = []

  constructor(service: TestService, browser: Browser) {
    this.service = service
    this.#browser = browser
  }

  /** A visit of somebody who has never been here. @param path below the service's address, or a whole address */
  async open(path: string, options: BrowserContextOptions = {}): Promise<Page> {
    const context = await this.#browser.newContext({
      baseURL: this.service.url,
      viewport: sizes.desktop,
      ...options,
    })
    this.#page = await context.newPage()
    this.complaints = []
    const { url } = this.service
    const home = new URL(path === EMPTY ? url : path, url).origin
    this.#page.on('request', (request) => {
      if (new URL(request.url()).origin !== home) this.complaints.push(request.url())
    })
    this.#page.on('pageerror', (error) => this.complaints.push(error.message))
    this.#page.on('console', (message) => {
      // A refusal is a page like any other here, and so is a lost connection.
      if (
        message.type() === 'error' &&
        !/status of [45]|net::ERR_(FAILED|INTERNET_DISC)/.test(message.text())
      )
        this.complaints.push(message.text())
    })
    await this.#page.goto(path)
    return this.#page
  }

  get page(): Page {
    if (!this.#page) throw new Error('no page is open')
    return this.#page
  }

  field(category: string): Locator {
    return this.page.locator(`#share-${category}`)
  }

  /** The part of a page that has only one of them. */
  button(name: string | RegExp): Locator {
    return this.page.getByRole('button', { name })
  }

  async leave(): Promise<void> {
    await this.#page?.context().close()
    this.#page = undefined
  }

  async close(): Promise<void> {
    await this.#browser.close()
    await this.service.close()
  }
}

/** Opens a page and brings it into the state that it is looked at in. */
export type Visit = (stage: Stage) => Promise<unknown>

/** A stage for the tests of this file. @param prepare is done once, before the first of them */
export function stageFor(prepare: (service: TestService) => Promise<unknown> = async () => {}): () => Stage {
  let stage: Stage | undefined
  beforeAll(async () => {
    const service = await startTestService()
    await prepare(service)
    stage = new Stage(service, await openBrowser())
  })
  afterEach(() => stage?.leave())
  afterAll(() => stage?.close())
  return () => stage!
}

/** One test for each state: see `expectAccessible`; besides, nothing goes wrong and nobody else is asked. */
export function testAccessible(stageNow: () => Stage, visits: Readonly<Record<string, Visit>>): void {
  test.each(Object.entries(visits))(
    '%s is accessible on a phone and a desktop, in light and dark, zoomed and spaced',
    async (_name, go) => {
      const stage = stageNow()
      await go(stage)
      await expectAccessible(stage.page)
      expect(stage.complaints).toEqual([])
    },
    120_000,
  )
}
