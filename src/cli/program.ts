import { existsSync, readFileSync } from 'node:fs'
import { isAbsolute } from 'node:path'
import { Command, CommanderError, type Option } from 'commander'
import { Failure, messageOf, renderDiagnostics } from '../diagnostics/index.ts'
import { Interrupted, ProjectFailure } from '../project/failures.ts'
import type { Edges } from './command.ts'
import { commanderOptions } from './commander-options.ts'
import { EXIT } from './exit-codes.ts'
import { ANYWHERE, GLOBAL_OPTIONS, readGlobalOptions, useColor } from './global-options.ts'
import { missingCommand } from './missing-commands.ts'
import type { OptionTable } from './option.ts'
import { withSettings } from './settings.ts'
import type { CommandLine } from './shell/command-line.ts'
import { loadCommands, type ShownCommand } from './shown-command.ts'

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
    // Commander guesses at what a word was meant for; one that Docker Compose knows was meant.
    const missing = word === undefined ? undefined : missingCommand(word, edges.env)
    if (missing !== undefined) throw missing
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
  for (const option of commanderOptions(GLOBAL_OPTIONS)) program.addOption(option)
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
  for (const option of definition.options) command.addOption(option)
  for (const option of commanderOptions(ANYWHERE)) command.addOption(option.hideHelp())
  if (definition.examples.length > 0) command.addHelpText('after', renderExamples(definition))
  command.action(async (...received: unknown[]) => {
    const args = received
      .slice(0, -2)
      .flatMap(value =>
        Array.isArray(value) ? value.map(String) : value === undefined ? [] : [String(value)],
      )
    const options = command.opts<Record<string, unknown>>()
    const anywhere = Object.keys(ANYWHERE).filter(name => options[name] === true)
    const globals = readGlobalOptions(
      { ...program.opts(), ...Object.fromEntries(anywhere.map(name => [name, true])) },
      edges.env,
    )
    const env = await withSettings(edges.env)
    done(await definition.run({ ...edges, env, globals, commandLine }, args, options))
  })
}

async function commandLine(): Promise<CommandLine> {
  const { describeCommandLine } = await import('./shell/describe.ts')
  return describeCommandLine()
}

function renderExamples({ examples }: ShownCommand): string {
  const width = Math.max(...examples.map(([command]) => command.length))
  const lines = examples.map(([command, meaning]) => `  ${command.padEnd(width)}   ${meaning}`)
  return `\nExamples:\n${lines.join('\n')}\n`
}

function reportFailure(error: unknown, edges: Edges, program: Command): number {
  if (error instanceof Interrupted) return EXIT.interrupted
  if (error instanceof CommanderError) {
    const shown = error.code === 'commander.helpDisplayed' || error.code === 'commander.help'
    return shown ? EXIT.ok : EXIT.failure
  }
  const globals = readGlobalOptions(program.opts(), edges.env)
  const { stderr } = edges.streams
  const color = useColor(globals, stderr, edges.env)
  if (error instanceof ProjectFailure) {
    const sourceOf = (file: string): string | undefined => error.sources.get(file) ?? dockerfileText(file)
    if (error.diagnostics.length > 0)
      stderr.write(`${renderDiagnostics(error.diagnostics, { color, sourceOf })}\n`)
  } else if (globals.progress === 'json')
    stderr.write(`${JSON.stringify({ error: true, message: messageOf(error) })}\n`)
  else if (error instanceof Failure)
    stderr.write(`${renderDiagnostics(error.diagnostics, { color, sourceOf: dockerfileText })}\n`)
  else
    stderr.write(
      `error INTERNAL ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    )
  return EXIT.failure
}

/** The text of a Dockerfile that a build complains of; what is gone by now is not shown. */
function dockerfileText(file: string): string | undefined {
  if (!isAbsolute(file) || /\.ya?ml$/.test(file) || !existsSync(file)) return undefined
  return readFileSync(file, 'utf8')
}

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
