import type { Path } from '../../model/index.ts'
import { shellOf } from '../facts/argv.ts'
import { perService, type Rule, type Subject } from '../rule.ts'

/** NO_SHELL */
export const noShell: Rule = {
  code: 'NO_SHELL',
  severity: 'warning',
  about: 'A command has shell syntax, and no shell runs it',
  find: perService(function* (subject) {
    for (const { words, path } of commandsOf(subject)) {
      const word = shellWord(words)
      if (word === undefined) continue
      yield {
        path,
        summary: `no shell reads the command: "${word}" is handed over as it is`,
        hint: 'write [sh, -c, "…"] with all of it as one text; for a health check CMD-SHELL does',
      }
    }
  }),
}

/** Every list of words that is run as it stands, with its place. */
function* commandsOf({ service, path }: Subject): Generator<{ words: readonly string[]; path: Path }> {
  const { entrypoint, command, healthcheck } = service
  if (entrypoint?.length) yield { words: entrypoint, path: [...path, 'entrypoint'] }
  // What an entrypoint makes of its arguments is its own affair, unless it is a shell.
  if (command?.length && !entrypoint?.length) yield { words: command, path: [...path, 'command'] }
  if (command?.length && entrypoint?.length && shellOf(entrypoint))
    yield { words: [...entrypoint, ...command], path: [...path, 'command'] }
  const [kind, ...test] = healthcheck?.test ?? []
  if (kind === 'CMD') yield { words: test, path: [...path, 'healthcheck', 'test'] }
  for (const hooks of ['pre_start', 'post_start', 'pre_stop'] as const)
    for (const [index, hook] of (service[hooks] ?? []).entries())
      yield { words: hook.command ?? [], path: [...path, hooks, index, 'command'] }
}

const OPERATOR = /^(?:&&|\|\|?|;|>>?|2>&1|&>|2>|<)$/
const VARIABLE = /\$\{?[A-Z_][A-Z0-9_]+\}?/

/** The first word that only a shell would understand. */
function shellWord(words: readonly string[]): string | undefined {
  const shell = shellOf(words)
  // After `sh -c script` words are $0, $1 …: operators among them were meant to be part of the script.
  if (shell?.script !== undefined) return shell.rest.find(word => OPERATOR.test(word))
  if (shell !== undefined) return undefined
  const [only = '', ...more] = words
  if (more.length === 0) return /\s(?:&&|\|\||\|)\s/.test(only) ? only : undefined
  return words.find(word => OPERATOR.test(word) || VARIABLE.test(word))
}
