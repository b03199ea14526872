import { COMMANDS } from './commands/index.ts'
import { GLOBAL_OPTIONS } from './global-options.ts'
import { namesOf, type OptionTable } from './option.ts'
import type { CommandLine, DescribedOption } from './shell/command-line.ts'

/** Describes all commands with their options; what is taken and not shown is left out. */
export async function describeCommandLine(): Promise<CommandLine> {
  const shown = COMMANDS.filter(({ hidden }) => hidden !== true)
  const commands = await Promise.all(
    shown.map(async ({ name, arguments: positionals, summary, load }) => {
      const { description, options, words, examples } = (await load()).command
      return {
        name,
        arguments: positionals,
        summary,
        description,
        words,
        options: describe(options),
        examples,
      }
    }),
  )
  return { options: describe(GLOBAL_OPTIONS), commands }
}

function describe(options: OptionTable): DescribedOption[] {
  return Object.values(options)
    .filter(({ hidden }) => hidden !== true)
    .map(option => {
      const { flags, help, choices = [] } = option
      const value = /<([^>]+)>/.exec(flags)?.[1]
      return {
        names: [...namesOf(option)].reverse(),
        ...(value === undefined ? {} : { value }),
        choices,
        help,
      }
    })
}
