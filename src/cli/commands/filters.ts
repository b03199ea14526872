import { failure } from '../../diagnostics/index.ts'

/** `--filter key=value`, as often as it is given, as the API has it. Errors: FLAG_VALUE. */
export function filtersOf(texts: readonly string[]): Readonly<Record<string, readonly string[]>> {
  const filters: Record<string, string[]> = {}
  for (const text of texts) {
    const at = text.indexOf('=')
    if (at < 1)
      throw failure({
        code: 'FLAG_VALUE',
        kind: 'invalidArgument',
        summary: `--filter: got "${text}", want key=value`,
      })
    const key = text.slice(0, at)
    filters[key] = [...(filters[key] ?? []), text.slice(at + 1)]
  }
  return filters
}
