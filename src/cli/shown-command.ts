import type { Option } from 'commander'
import { commanderOptions } from './commander-options.ts'
import { COMMANDS } from './commands/index.ts'
import type { Command, CommandEntry } from './define-command.ts'

/** A command as commander is told of it. */
export interface ShownCommand extends Omit<Command, 'options'>, Omit<CommandEntry, 'load'> {
  readonly options: readonly Option[]
}

/**
 * The commands that commander must know for a command line: the one that it names, whole; or all, for help and for hints,
 * of which no more than their names and summaries is read. Building all of them takes as long as many commands.
 */
export async function loadCommands(named: string | undefined): Promise<readonly ShownCommand[]> {
  const found = COMMANDS.filter(({ name }) => name === named)
  if (found.length > 0 || named === 'help')
    return Promise.all((found.length > 0 ? found : COMMANDS).map(loadEntry))
  return COMMANDS.map(listed)
}

async function loadEntry(entry: CommandEntry): Promise<ShownCommand> {
  const { command } = await entry.load()
  return { ...listed(entry), ...command, options: commanderOptions(command.options) }
}

/** A command of which nothing but its line in the list is shown. */
function listed({ name, arguments: positionals, summary }: CommandEntry): ShownCommand {
  return {
    name,
    arguments: positionals,
    summary,
    description: summary,
    options: [],
    examples: [],
    words: [],
    passThrough: false,
    run: () => Promise.reject(new RangeError(`command "${name}" was not loaded`)),
  }
}
