/** Variables of `-e`, by name; `KEY` alone takes its value from here. */
export function variables(texts: readonly string[]): Record<string, string | null> {
  return Object.fromEntries(
    texts.map(text => {
      const at = text.indexOf('=')
      return at < 0 ? [text, null] : [text.slice(0, at), text.slice(at + 1)]
    }),
  )
}
