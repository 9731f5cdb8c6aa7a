/** What a service tells Prometheus: each figure's name, and the labels that each of its lines has. */
export function exposedIn(text: string): Map<string, Record<string, string>[]> {
  const exposed = new Map<string, Record<string, string>[]>()
  for (const line of text.split('\n')) {
    const [, name, labels = ''] = /^([a-z_:][\w:]*)(?:\{(.*)\})? \S+$/i.exec(line) ?? []
    if (name === undefined) continue
    const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key, value]) => [key, value])
    exposed.set(name, [...(exposed.get(name) ?? []), Object.fromEntries(pairs)])
  }
  return exposed
}
