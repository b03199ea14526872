/** The `key=value` fields of a `--mount`, keys in lower case; a bare key has the value `true`. */
export function mountFields(text: string): ReadonlyMap<string, string> {
  return new Map(
    splitFields(text).map(field => {
      const equals = field.indexOf('=')
      return equals === -1
        ? ([field.toLowerCase(), 'true'] as const)
        : ([field.slice(0, equals).toLowerCase(), field.slice(equals + 1)] as const)
    }),
  )
}

/** Comma-separated, where a field in double quotes may hold commas. */
function splitFields(text: string): string[] {
  const fields = text.match(/(?:"[^"]*"|[^,"])+/g) ?? []
  return fields.map(field => field.replaceAll('"', '').trim()).filter(field => field !== '')
}
