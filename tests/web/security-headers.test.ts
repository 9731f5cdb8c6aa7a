/** What holds for every page that the program has, as it is sent: no page may be forgotten. */
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildServer } from '../../src/web/server.ts'
import { startTestService, type TestService } from '../support/service.ts'
import { submit } from './api-client.ts'
import { addressOf, cachedRoutes } from './cached-routes.ts'
import { contextOf } from './context.ts'

let service: TestService
let app: FastifyInstance
let submission: string
/** Whoever holds it sees what the owner of the submission may do. */
let cookie: string

beforeAll(async () => {
  service = await startTestService()
  app = await buildServer(contextOf(service, { publicUrl: 'https://budget.example.org' }))
  const own = await submit(service.url)
  ;({ submission } = own)
  cookie = `receipt=${own.submission}.${own.receipt}`
})
afterAll(async () => {
  await app.close()
  await service.close()
})

const routes = [...cachedRoutes.keys(), '/nowhere', '/polls/none', '/submissions/none']
const pageAt = async (route: string) => {
  const url = addressOf(route, submission, '/assets/style.css')
  const answer = await app.inject({ url, headers: { accept: 'text/html', cookie } })
  return String(answer.headers['content-type']).startsWith('text/html') ? answer : undefined
}
/** Of the library that describes the API: it has a style element, and submits nothing. */
const isDocs = (route: string) => route.startsWith('/docs')
const widget = '/embed/polls/:poll'

test('there are pages to look at, those of the owner and those of errors among them', async () => {
  const pages = await Promise.all(routes.map(pageAt))
  expect(pages.filter((page) => page !== undefined).length).toBeGreaterThan(25)
  expect((await pageAt('/submissions/:id'))!.body).toContain('/withdraw"')
  expect((await pageAt('/submissions/:id/revise'))!.statusCode).toBe(200)
  expect((await pageAt('/nowhere'))!.statusCode).toBe(404)
})

describe.each(routes)('%s, if it is a page,', (route) => {
  test('allows nothing by default, no code but our own, no base and no other form', async () => {
    const page = await pageAt(route)
    if (!page) return
    const policy = String(page.headers['content-security-policy'])
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("base-uri 'none'")
    expect(policy).toMatch(/form-action '(self|none)'/)
    const nonce = /script-src 'nonce-([\w-]{22})'/.exec(policy)?.[1]
    if (!nonce) expect(policy).toContain("script-src 'self';")
    expect(policy).not.toMatch(/script-src[^;]*unsafe/)
    if (!isDocs(route)) expect(policy).not.toContain('unsafe')
    const isKeptByNobody = String(page.headers['cache-control']).includes('no-store')
    const isConsole = route.startsWith('/operator')
    if (!isConsole) expect(nonce !== undefined, 'a nonce, if nobody else is sent it').toBe(isKeptByNobody)
  })

  test('is framed by nobody, unless it is the widget, from which nothing is sent', async () => {
    const page = await pageAt(route)
    if (!page) return
    const policy = String(page.headers['content-security-policy'])
    if (route === widget) {
      expect(policy).toContain('frame-ancestors *')
      expect(policy).toContain("form-action 'none'")
      expect(page.headers).not.toHaveProperty('x-frame-options')
    } else {
      expect(policy).toContain("frame-ancestors 'none'")
      if (!isDocs(route)) expect(page.headers['x-frame-options']).toBe('DENY')
    }
  })

  test('has browsers stay with https, and guess no types', async () => {
    const page = await pageAt(route)
    if (!page) return
    expect(page.headers['strict-transport-security']).toMatch(/^max-age=31536000/)
    expect(page.headers['x-content-type-options']).toBe('nosniff')
  })

  test('has no code and no style in its markup, and no form without a token', async () => {
    const page = await pageAt(route)
    if (!page) return
    for (const [tag] of page.body.matchAll(/<[a-z][^>]*>/gi)) {
      const attributes = tag.replace(/"[^"]*"/g, '""')
      expect(attributes).not.toMatch(/\son\w+\s*=/i)
      if (!isDocs(route)) expect(attributes).not.toMatch(/\sstyle\s*=|^<style/i)
      expect(tag).not.toMatch(/javascript:/i)
    }
    for (const [script] of page.body.matchAll(/<script\b[^>]*>/g)) expect(script).toMatch(/\bsrc="/)
    for (const [form, action] of page.body.matchAll(
      /<form\b[^>]*method="post"[^>]*action="([^"]*)"[\s\S]*?<\/form>/g,
    ))
      if (!action!.endsWith('/receipt')) expect(form).toMatch(/name="(token|form)" value="[\w.-]{40,}"/)
  })
})
