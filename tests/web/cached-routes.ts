/** What may be kept of every address that can be asked for: `docs/edge.md` says it to people. */

/**
 * `briefly`: results, seconds. `minutes`: what changes with the program. `good`: named by its contents. `asked`: kept,
 * but never served without asking. `own`: the same, by the browser alone. `never`: by nobody.
 */
export type Kept = 'briefly' | 'minutes' | 'good' | 'asked' | 'own' | 'never'

interface CachedRoute {
  readonly kept: Kept
  /** nginx keeps it: cache-locations.conf. Not where waiting for one another would do harm. */
  readonly atOurEdge: boolean
}

const of = (kept: Kept, atOurEdge: boolean) => (routes: readonly string[]) =>
  routes.map((route): [string, CachedRoute] => [route, { kept, atOurEdge }])

const ofEveryPoll = (routes: readonly string[]): string[] =>
  ['', '/polls/:poll'].flatMap((home) => routes.map((route) => home + route))

const pages = ['results', 'results/fragment', 'results/picture.png', 'trends', 'share', 'poster', 'screen']

/** Every route that is read, as the program names it. Of one submission there are those of `:id`. */
export const cachedRoutes: ReadonlyMap<string, CachedRoute> = new Map([
  ...of(
    'briefly',
    true,
  )([
    ...ofEveryPoll([...pages, 'picture.png', 'qr.svg', 'qr.png'].map((page) => `/${page}`)),
    '/embed/polls/:poll',
    ...['/method', '/method/truthful', '/privacy'],
    ...['/api/polls', '/api/polls/:poll', '/api/polls/:poll/results', '/api/polls/:poll/trends'],
  ]),
  // Downloads, and what is a socket where sockets come through.
  ...of('briefly', false)(['/api/polls/:poll/submissions', '/api/polls/:poll/live']),
  ...of('minutes', true)(['/openapi.json']),
  ...of(
    'minutes',
    false,
  )([
    ...['/docs', '/docs/json', '/docs/yaml', '/docs/static/*', '/docs/static/index.html'],
    '/docs/static/swagger-initializer.js',
  ]),
  ...of('good', true)(['/assets/*']),
  ...of('own', false)(['/submissions/:id/picture.png']),
  ...of(
    'never',
    false,
  )([
    ...['/', '/review', '/edit', '/polls/:poll', '/polls/:poll/review', '/polls/:poll/edit', '/history'],
    ...['', '/revise', '/revise/review', '/revise/edit', '/receipt', '/receipt.txt'].map(
      (page) => `/submissions/:id${page}`,
    ),
    ...['/api/submissions/:submission', '/api/operator/parked', '/operator', '/operator/*'],
    ...['/livez', '/readyz', '/metrics'],
  ]),
])

/** An address of the route that there is. */
export const addressOf = (route: string, submission: string, asset: string): string =>
  route
    .replace(':poll', 'us-federal')
    .replace(/:(id|submission)$|:(id|submission)(?=\/)/, submission)
    .replace('/assets/*', asset)
    .replace('/docs/static/*', '/docs/static/swagger-ui.css')
    .replace('*', 'polls')
