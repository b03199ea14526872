import type { OptionTable } from './option.ts'

/**
 * The command of a command line: its first word that is neither a global option nor the value of one, `version` for
 * `-v` and `--version` before any word; undefined where there is none.
 */
export function commandWord(argv: readonly string[], globalOptions: OptionTable): string | undefined {
  const takesValue = new Set(
    Object.values(globalOptions).flatMap(({ flags }) =>
      flags.includes('<') ? (flags.match(/-[\w-]+/g) ?? []) : [],
    ),
  )
  for (let index = 0; index < argv.length; index += 1) {
    const word = argv[index] ?? ''
    if (word === '-v' || word === '--version') return 'version'
    if (!word.startsWith('-')) return word
    if (takesValue.has(word)) index += 1
  }
  return undefined
}
