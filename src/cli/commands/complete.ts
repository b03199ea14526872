import { failure } from '../../diagnostics/index.ts'
import { loadModel } from '../../project/model.ts'
import { containerNames, projectNames } from '../../project/names.ts'
import { serviceNames } from '../../project/project-name.ts'
import type { CommandContext } from '../command.ts'
import { type Command, defineCommand } from '../define-command.ts'
import { EXIT } from '../exit-codes.ts'
import type { NameKind } from '../shell/command-line.ts'
import { targetOf } from '../target.ts'
import { profiles } from './config/listings.ts'

type Names = (context: CommandContext) => Promise<readonly string[]>

/** Where each kind of name comes from; what is wrong with the files is no matter for who types. */
const NAMES: Readonly<Record<NameKind, Names>> = {
  services,
  scales: async context => (await services(context)).map(name => `${name}=`),
  paths: async context => (await services(context)).map(name => `${name}:`),
  profiles: async context => {
    const { project } = await loadModel(targetOf(context))
    return project === undefined ? [] : profiles(project)
  },
  containers: ({ env }) => containerNames(env),
  projects: ({ env }) => projectNames(env),
}

/** `tscompose complete`, which the completion scripts of the shells ask. Starts no engine. */
export const command: Command = defineCommand({
  description: 'Prints names for a shell that completes a word, one a line.',
  options: {},
  words: Object.keys(NAMES),
  run: async (context, [kind = '']) => {
    const names = NAMES[kind as NameKind] as Names | undefined
    if (names === undefined)
      throw failure({
        code: 'FLAG_VALUE',
        kind: 'invalidArgument',
        summary: `complete: got "${kind}", want one of ${Object.keys(NAMES).join(', ')}`,
      })
    context.streams.stdout.write((await names(context)).map(name => `${name}\n`).join(''))
    return EXIT.ok
  },
})

/** Those that no profile enables, too: to name one enables it. */
async function services(context: CommandContext): Promise<readonly string[]> {
  const { project } = await loadModel(targetOf(context))
  return project === undefined ? [] : [...serviceNames(project)].sort()
}
