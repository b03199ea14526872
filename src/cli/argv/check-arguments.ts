import { failure } from '../../diagnostics/index.ts'

/**
 * Compares the words behind a command with what it takes, as help shows that: `<SERVICE> <COMMAND> [ARGS...]`. Raises
 * ARGUMENT_COUNT.
 */
export function checkArguments(command: string, positionals: string, words: readonly string[]): void {
  const places = positionals.split(' ').filter(place => place !== '')
  const wanted = places.filter(place => place.startsWith('<'))
  const missing = wanted[words.length]
  const isOpen = places.some(place => place.includes('...'))
  if (missing === undefined && (isOpen || words.length <= places.length)) return
  throw failure({
    code: 'ARGUMENT_COUNT',
    kind: 'invalidArgument',
    summary:
      missing === undefined
        ? `${command} does not take "${words[places.length]}"`
        : `${command} wants ${missing} as well`,
    hint: `tscompose ${[command, ...places].join(' ')}`,
  })
}
