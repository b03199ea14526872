import { Command, CommanderError, Option } from 'commander'
import { Failure, messageOf, renderDiagnostics } from '../diagnostics/index.ts'
import type { Edges, OptionDefinition } from './command.ts'
import { commandWord } from './command-word.ts'
import { toOption } from './commander-options.ts'
import { EXIT } from './exit-codes.ts'
import { readGlobalOptions, useColor } from './global-options.ts'
import { Interrupted } from './interrupt.ts'
import { Reported } from './reported.ts'
import { withSettings } from './settings.ts'
import { loadCommands, type ShownCommand } from './shown-command.ts'

const GLOBAL_OPTIONS: readonly OptionDefinition[] = [
  {
    flags: '-f, --file <file>',
    help: 'Compose file; repeat to merge several, - for standard input',
    value: 'list',
  },
  {
    flags: '-p, --project-name <name>',
    help: 'Name of the project (default: name: in the file, or the folder)',
  },
  { flags: '--profile <profile>', help: 'Enable a profile; repeat for more, * for all', value: 'list' },
  {
    flags: '--env-file <file>',
    help: 'Read variables from this file instead of .env; may be repeated',
    value: 'list',
  },
  {
    flags: '--project-directory <folder>',
    help: 'Base of relative paths (default: folder of the first file)',
  },
  { flags: '--workdir <folder>', help: '', hidden: true },
  { flags: '--ansi <when>', help: 'Colours and cursor movement', choices: ['never', 'always', 'auto'] },
  {
    flags: '--progress <type>',
    help: 'How progress is shown',
    choices: ['auto', 'tty', 'plain', 'json', 'quiet', 'none'],
  },
  { flags: '--parallel <number>', help: 'Engine calls at once, -1 for no limit' },
  { flags: '--dry-run', help: 'Show what would be done and change nothing' },
  { flags: '--compatibility', help: 'Names as Compose v1 made them', hidden: true },
  { flags: '--all-resources', help: 'Keep networks, volumes, secrets and configs that no service uses' },
]

const HELP_FOOTER = `
A first run:
  tscompose up -d --wait     bring everything up, return when it answers
  tscompose ps               see what runs
  tscompose logs -f web      follow one service
  tscompose plan             what up would change, and why
  tscompose down             take everything down; -v drops the data too
`

/** Runs one command line and returns its exit status. Never throws: what a command throws is printed here. */
export async function runCli(argv: readonly string[], edges: Edges): Promise<number> {
  let status: number = EXIT.ok
  const word = commandWord(argv, GLOBAL_OPTIONS)
  const program = buildProgram(edges, await loadCommands(word), code => {
    status = code
  })
  // `--version` is an option to commander and a command to us.
  const words = word === 'version' && !argv.includes(word) ? [word] : argv
  try {
    if (words.length === 0) program.outputHelp()
    else await program.parseAsync([...words], { from: 'user' })
    return status
  } catch (error) {
    return reportFailure(error, edges, program)
  }
}

function buildProgram(
  edges: Edges,
  commands: readonly ShownCommand[],
  done: (status: number) => void,
): Command {
  const program = new Command('tscompose')
    .description('Runs Compose files on its own container engine')
    .usage('[OPTIONS] COMMAND')
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: text => void edges.streams.stdout.write(text),
      writeErr: text => void edges.streams.stderr.write(text),
    })
    .configureHelp({ visibleOptions: visibleOptions, showGlobalOptions: false })
    .addHelpText('after', HELP_FOOTER)
  for (const option of GLOBAL_OPTIONS) program.addOption(toOption(option))
  program.option('-v, --version', 'Show the version')
  for (const definition of commands) addCommand(program, definition, edges, done)
  return program
}

const visibleOptions = (command: Command): Option[] => command.options.filter(option => !option.hidden)

function addCommand(
  program: Command,
  definition: ShownCommand,
  edges: Edges,
  done: (status: number) => void,
): void {
  const command = program
    .command(`${definition.name} ${definition.arguments}`.trim())
    .summary(definition.summary)
    .description(`${definition.description}`)
    .exitOverride()
  if (definition.passThrough) command.passThroughOptions()
  const given = new Set<string>()
  for (const option of definition.options) {
    command.addOption(option)
    command.on(`option:${option.name()}`, () => void given.add(option.name()))
  }
  command.addOption(new Option('--dry-run').hideHelp())
  if (definition.examples.length > 0) command.addHelpText('after', renderExamples(definition))
  command.action(async (...received: unknown[]) => {
    const args = received
      .slice(0, -2)
      .flatMap(value =>
        Array.isArray(value) ? value.map(String) : value === undefined ? [] : [String(value)],
      )
    const options = command.opts<Record<string, unknown>>()
    const globals = readGlobalOptions(
      { ...program.opts(), ...(options['dryRun'] ? { dryRun: true } : {}) },
      edges.env,
    )
    const env = await withSettings(edges.env)
    done(await definition.run({ ...edges, env, globals, given }, args, options))
  })
}

function renderExamples({ examples }: ShownCommand): string {
  const width = Math.max(...examples.map(([command]) => command.length))
  const lines = examples.map(([command, meaning]) => `  ${command.padEnd(width)}   ${meaning}`)
  return `\nExamples:\n${lines.join('\n')}\n`
}

function reportFailure(error: unknown, edges: Edges, program: Command): number {
  if (error instanceof Interrupted) return EXIT.interrupted
  if (error instanceof Reported) return EXIT.failure
  if (error instanceof CommanderError) {
    const shown = error.code === 'commander.helpDisplayed' || error.code === 'commander.help'
    return shown ? EXIT.ok : EXIT.failure
  }
  const globals = readGlobalOptions(program.opts(), edges.env)
  const { stderr } = edges.streams
  if (globals.progress === 'json')
    stderr.write(`${JSON.stringify({ error: true, message: messageOf(error) })}\n`)
  else if (error instanceof Failure)
    stderr.write(`${renderDiagnostics(error.diagnostics, { color: useColor(globals, stderr, edges.env) })}\n`)
  else
    stderr.write(
      `error INTERNAL ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    )
  return EXIT.failure
}
