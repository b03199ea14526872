import { COMMANDS, GROUPS } from './commands/index.ts'
import type { Command, CommandEntry } from './define-command.ts'
import { GLOBAL_OPTIONS } from './global-options.ts'
import type { OptionTable } from './option.ts'

/** Lines are broken at this many columns where the output is no terminal. */
const WIDTH = 80
/** Names that are longer have their text in the next line. */
const NAMES = 32

const FOOTER = `
A first run:
  tscompose up -d --wait     bring everything up, return when it answers
  tscompose ps               see what runs
  tscompose logs -f web      follow one service
  tscompose plan             what up would change, and why
  tscompose down             take everything down; -v drops the data too

tscompose COMMAND --help tells more of a command.
`

type Row = readonly [name: string, text: string]

/** What `tscompose` alone prints, of this many columns. */
export function renderHelp(width: number = WIDTH): string {
  const options: Row[] = [...rowsOf(GLOBAL_OPTIONS), ['-v, --version', 'Show the version']]
  return [
    'Usage: tscompose [OPTIONS] COMMAND\n',
    'Runs Compose files on its own container engine\n',
    section('Options', options, width),
    section('Commands', commandRows(COMMANDS, ''), width),
    FOOTER,
  ].join('\n')
}

/** What a group of commands, `alpha`, prints. */
export function renderGroupHelp(group: string, width: number = WIDTH): string {
  const inside = COMMANDS.filter(({ name }) => name.startsWith(`${group} `))
  return [
    `Usage: tscompose ${group} COMMAND\n`,
    `${GROUPS[group] ?? ''}\n`,
    section('Commands', commandRows(inside, `${group} `), width),
  ].join('\n')
}

/** What `COMMAND --help` prints. */
export function renderCommandHelp(entry: CommandEntry, command: Command, width: number = WIDTH): string {
  const usage = `Usage: tscompose ${entry.name} [OPTIONS] ${entry.arguments}`.trimEnd()
  const description = command.description.split('\n').map(line => wrap(line, width).join('\n'))
  const options: Row[] = [...rowsOf(command.options), ['-h, --help', 'Show this']]
  return [
    `${usage}\n`,
    `${description.join('\n')}\n`,
    section('Options', options, width),
    ...(command.examples.length === 0 ? [] : [renderExamples(command.examples)]),
  ].join('\n')
}

/** Of a group one line, unless it is the group's own help. */
function commandRows(commands: readonly CommandEntry[], prefix: string): Row[] {
  const rows = new Map<string, string>()
  for (const { name, arguments: positionals, summary, hidden } of commands) {
    if (hidden === true) continue
    const [word = '', ...more] = name.slice(prefix.length).split(' ')
    const isGroup = more.length > 0
    if (isGroup) rows.set(`${word} COMMAND`, GROUPS[`${prefix}${word}`] ?? '')
    else rows.set(`${word} ${positionals}`.trimEnd(), summary)
  }
  return [...rows]
}

function rowsOf(options: OptionTable): Row[] {
  return Object.values(options)
    .filter(({ hidden }) => hidden !== true)
    .map(({ flags, help, choices = [], initially }) => [
      flags.startsWith('--') ? `    ${flags}` : flags,
      [
        help,
        ...(choices.length === 0 ? [] : [`(${choices.join(', ')})`]),
        ...(initially ? ['(default: true)'] : []),
      ].join(' '),
    ])
}

function section(title: string, rows: readonly Row[], width: number): string {
  const column = Math.min(NAMES, Math.max(...rows.map(([name]) => name.length))) + 2
  const lines = rows.flatMap(([name, text]) => {
    const [first = '', ...more] = wrap(text, width - column - 2)
    const indent = ' '.repeat(column + 2)
    const rest = more.map(line => `${indent}${line}`)
    if (name.length + 2 > column) return [`  ${name}`, `${indent}${first}`, ...rest]
    return [`  ${name.padEnd(column)}${first}`, ...rest]
  })
  return `${title}:\n${lines.join('\n')}\n`
}

function renderExamples(examples: Command['examples']): string {
  const width = Math.max(...examples.map(([command]) => command.length))
  const lines = examples.map(([command, meaning]) => `  ${command.padEnd(width)}   ${meaning}`)
  return `Examples:\n${lines.join('\n')}\n`
}

/** Breaks a text at blanks into lines of at most this many characters; a longer word stays whole. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}
