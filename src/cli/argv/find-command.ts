import type { CommandEntry } from '../define-command.ts'

/** What the words behind the global options name. */
export type Found =
  | { readonly kind: 'command'; readonly entry: CommandEntry; readonly rest: readonly string[] }
  /** The first words of several commands, `alpha`; `rest` begins with a word that is none of theirs, if there is one. */
  | { readonly kind: 'group'; readonly group: string; readonly rest: readonly string[] }
  | { readonly kind: 'nothing' }

/** Finds the command of the most words. */
export function findCommand(commands: readonly CommandEntry[], words: readonly string[]): Found {
  for (let length = words.length; length > 0; length -= 1) {
    const name = words.slice(0, length).join(' ')
    const rest = words.slice(length)
    const entry = commands.find(each => each.name === name)
    if (entry !== undefined) return { kind: 'command', entry, rest }
    if (commands.some(each => each.name.startsWith(`${name} `))) return { kind: 'group', group: name, rest }
  }
  return { kind: 'nothing' }
}
