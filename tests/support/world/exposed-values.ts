/** The values of one figure that a process tells Prometheus, by one of its labels. */
export async function exposedValues(
  url: string,
  name: string,
  label: string,
): Promise<Record<string, number>> {
  const text = await (await fetch(`${url}/metrics`)).text()
  const lines = text.matchAll(new RegExp(`^${name}\\{.*?\\b${label}="([^"]*)".*?\\} (\\S+)$`, 'gm'))
  return Object.fromEntries([...lines].map(([, of, value]) => [of!, Number(value)]))
}
