import type { Option } from 'commander'
import { commanderOptions } from '../commander-options.ts'
import { GLOBAL_OPTIONS } from '../global-options.ts'
import { loadCommands } from '../shown-command.ts'
import type { CommandLine, DescribedOption } from './command-line.ts'

/** Describes all commands with their options. */
export async function describeCommandLine(): Promise<CommandLine> {
  const commands = await loadCommands('help')
  return {
    options: commanderOptions(GLOBAL_OPTIONS).flatMap(describe),
    commands: commands.map(
      ({ name, arguments: positionals, summary, description, options, words, examples }) => ({
        name,
        arguments: positionals,
        summary,
        description,
        words,
        options: options.flatMap(describe),
        examples,
      }),
    ),
  }
}

/** Nothing for an option that is taken and not shown. */
function describe(option: Option): DescribedOption[] {
  if (option.hidden) return []
  const value = /<([^>]+)>/.exec(option.flags)?.[1]
  return [
    {
      names: [option.long, option.short].filter(name => name !== undefined),
      ...(value === undefined ? {} : { value }),
      choices: option.argChoices ?? [],
      help: option.description,
    },
  ]
}
