import type { FastifyInstance, RouteOptions } from 'fastify'

interface KnownRoute {
  readonly pattern: RegExp
  readonly methods: readonly string[]
}

/**
 * Watches routes as they are added to `app`, so that a wrong method is told from a wrong address. Call it before any
 * route is added.
 * @returns the methods that the address of a request does take, none if it leads nowhere
 */
export function watchMethods(app: FastifyInstance): (path: string) => string[] {
  const routes: KnownRoute[] = []
  app.addHook('onRoute', ({ url, method }: RouteOptions & { url: string }) => {
    // A route for everything below / says nothing about any one address.
    if (url !== '*' && url !== '/*') routes.push({ pattern: asPattern(url), methods: [method].flat() })
  })
  return (path) => {
    const methods = routes.filter(({ pattern }) => pattern.test(path)).flatMap((route) => route.methods)
    return [...new Set(methods)].sort()
  }
}

const asPattern = (url: string): RegExp =>
  new RegExp(
    `^${url
      .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
      .replace(/:\w+/g, '[^/]+')
      .replace(/\*/g, '.*')}$`,
  )
