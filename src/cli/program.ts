import { existsSync, readFileSync } from 'node:fs'
import { isAbsolute } from 'node:path'
import { Failure, failure, messageOf, renderDiagnostics, spans, systemFailure } from '../diagnostics/index.ts'
import { nearest } from '../diagnostics/nearest.ts'
import { Interrupted, ProjectFailure } from '../project/failures.ts'
import { checkArguments } from './argv/check-arguments.ts'
import { hintOfDockers } from './argv/dockers-commands.ts'
import { findCommand } from './argv/find-command.ts'
import { readOptions } from './argv/read-options.ts'
import { type Edges, isStandalone } from './command.ts'
import { COMMANDS } from './commands/index.ts'
import type { CommandEntry } from './define-command.ts'
import { checkDryRun } from './dry-run.ts'
import { EXIT } from './exit-codes.ts'
import {
  ANYWHERE,
  GLOBAL_OPTIONS,
  type GlobalOptions,
  readGlobalOptions,
  useColor,
} from './global-options.ts'
import { handlingOf } from './if-lost/handling.ts'
import { runAnew } from './if-lost/run-anew.ts'
import { tellNotices } from './notices.ts'
import { flag, hidden, type OptionTable } from './option.ts'
import { withSettings } from './settings.ts'
import type { CommandLine } from './shell/command-line.ts'

const HELP: OptionTable = { help: hidden(flag('-h, --help', '')) }
const VERSION: OptionTable = { version: hidden(flag('-v, --version', '')) }

/** Global options as they were given, by the names of their table. */
type Given = Readonly<Record<string, unknown>>

/** Runs one command line and returns its exit status. Never throws: what a command throws is printed here. */
export async function runCli(argv: readonly string[], edges: Edges): Promise<number> {
  // How an error is shown that comes before the options are known.
  let globals = readGlobalOptions({}, {})
  try {
    const before = { ...GLOBAL_OPTIONS, ...VERSION, ...HELP }
    const { values, rest } = readOptions(wordsOf(argv, edges), before, 'at the first argument')
    if (values['version'] === true) return await run(entryOf('version'), [], values, edges)
    if (values['help'] === true) return await help([], edges)
    const [word] = rest
    if (word === undefined || word === 'help') return await help(rest.slice(1), edges)
    const found = findCommand(COMMANDS, rest)
    if (found.kind === 'command')
      return await run(found.entry, found.rest, values, edges, read => {
        globals = read
      })
    if (found.kind === 'group') return await runGroup(found.group, found.rest, edges)
    if (isStandalone(edges)) await help([], edges)
    throw unknownCommand(word)
  } catch (error) {
    return reportFailure(error, edges, globals)
  }
}

/** `docker compose up` is this program under the name of docker-compose, with a first word more. */
function wordsOf(argv: readonly string[], edges: Edges): readonly string[] {
  return isStandalone(edges) && argv[0] === 'compose' ? argv.slice(1) : argv
}

async function run(
  entry: CommandEntry,
  words: readonly string[],
  before: Given,
  edges: Edges,
  onGlobals?: (globals: GlobalOptions) => void,
): Promise<number> {
  const { command } = await entry.load()
  // A command's own option of the same letter comes before what may stand anywhere.
  const options = { ...HELP, ...ANYWHERE, ...command.options }
  const end = command.passThrough ? 'at the first argument' : 'at two dashes'
  const { values, rest } = readOptions(words, options, end)
  if (values['help'] === true && !Object.hasOwn(command.options, 'help')) {
    const { renderCommandHelp } = await import('./help.ts')
    edges.streams.stdout.write(renderCommandHelp(entry, command, edges.streams.stdout.columns))
    return EXIT.ok
  }
  checkArguments(entry.name, entry.arguments, rest)
  const behind = Object.keys(ANYWHERE).filter(name => values[name] !== undefined)
  const given = { ...before, ...Object.fromEntries(behind.map(name => [name, values[name]])) }
  const globals = readGlobalOptions(given, edges.env)
  onGlobals?.(globals)
  if (globals.dryRun) checkDryRun(entry.name, values)
  const env = await withSettings(edges.env)
  await edges.begin?.({ name: entry.name, values, globals, env, cwd: edges.cwd })
  const context = { ...edges, env, globals, commandLine }
  const traceFile = env['TSCOMPOSE_TRACE']
  const writeTrace = traceFile ? await (await import('./trace.ts')).openTrace(context, traceFile) : undefined
  try {
    if (writeTrace !== undefined && edges.processBegin !== undefined)
      spans.add('start of the program', edges.processBegin())
    const handling = handlingOf(entry.name, values)
    return await spans.during(entry.name, () =>
      runAnew(context, handling, own => command.run(own, rest, values)),
    )
  } finally {
    await writeTrace?.()
    // A shell that completes a line asks for words, and shows nobody anything else.
    if (entry.name !== 'completion') tellNotices(context)
  }
}

/** A group by itself shows what is in it; a word that is not in it is an error. */
async function runGroup(group: string, words: readonly string[], edges: Edges): Promise<number> {
  const { values, rest } = readOptions(words, HELP, 'at the first argument')
  const [word] = rest
  if (word === undefined || values['help'] === true) return help([group], edges)
  throw unknownCommand(`${group} ${word}`)
}

/** `help`, `help up`, `help alpha viz`. */
async function help(words: readonly string[], { streams: { stdout } }: Edges): Promise<number> {
  const { renderCommandHelp, renderGroupHelp, renderHelp } = await import('./help.ts')
  const { columns } = stdout
  const name = words.join(' ')
  const found = findCommand(COMMANDS, name.split(' '))
  if (name === '') stdout.write(renderHelp(columns))
  else if (found.kind === 'group') stdout.write(renderGroupHelp(found.group, columns))
  else if (found.kind === 'nothing') throw unknownCommand(name)
  else stdout.write(renderCommandHelp(found.entry, (await found.entry.load()).command, columns))
  return EXIT.ok
}

function entryOf(name: string): CommandEntry {
  const entry = COMMANDS.find(each => each.name === name)
  if (entry === undefined) throw new RangeError(`there is no command "${name}"`)
  return entry
}

function unknownCommand(name: string): Error {
  const shown = COMMANDS.filter(({ hidden }) => hidden !== true).map(each => each.name)
  const near = nearest(name, shown)
  return failure({
    code: 'COMMAND_UNKNOWN',
    kind: 'invalidArgument',
    summary: `there is no command "${name}"`,
    hint:
      hintOfDockers(name) ?? (near === undefined ? 'tscompose --help lists them' : `did you mean ${near}?`),
  })
}

async function commandLine(): Promise<CommandLine> {
  const { describeCommandLine } = await import('./describe.ts')
  return describeCommandLine()
}

function reportFailure(thrown: unknown, edges: Edges, globals: GlobalOptions): number {
  if (thrown instanceof Interrupted) return EXIT.interrupted
  const error = systemFailure(thrown) ?? thrown
  const { stderr } = edges.streams
  const color = useColor(globals, stderr, edges.env)
  if (globals.progress === 'json')
    stderr.write(`${JSON.stringify({ error: true, message: textOf(error) })}\n`)
  else if (error instanceof ProjectFailure) {
    const sourceOf = (file: string): string | undefined => error.sources.get(file) ?? dockerfileText(file)
    if (error.diagnostics.length > 0)
      stderr.write(`${renderDiagnostics(error.diagnostics, { color, sourceOf })}\n`)
  } else if (error instanceof Failure)
    stderr.write(`${renderDiagnostics(error.diagnostics, { color, sourceOf: dockerfileText })}\n`)
  else
    stderr.write(
      `error INTERNAL ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    )
  return (error instanceof Failure ? exitStatusOf(error) : undefined) ?? EXIT.failure
}

/** That of the command in a build which failed. */
function exitStatusOf({ diagnostics }: Failure): number | undefined {
  return diagnostics.find(({ exitStatus }) => exitStatus !== undefined)?.exitStatus
}

/** All that is wrong, in plain words. */
function textOf(error: unknown): string {
  if (!(error instanceof Failure)) return messageOf(error)
  const errors = error.diagnostics.filter(({ severity }) => severity === 'error')
  return errors.map(({ summary }) => summary).join('\n')
}

/** The text of a Dockerfile that a build complains of; what is gone by now is not shown. */
function dockerfileText(file: string): string | undefined {
  if (!isAbsolute(file) || /\.ya?ml$/.test(file) || !existsSync(file)) return undefined
  return readFileSync(file, 'utf8')
}
