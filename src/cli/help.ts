import { Command as Page, Option as ShownOption } from 'commander'
import { COMMANDS, GROUPS } from './commands/index.ts'
import type { Command, CommandEntry } from './define-command.ts'
import { GLOBAL_OPTIONS } from './global-options.ts'
import type { OptionTable } from './option.ts'

/** Lines are broken at this many columns where the output is no terminal. */
const WIDTH = 80

const FOOTER = `
A first run:
  tscompose up -d --wait     bring everything up, return when it answers
  tscompose ps               see what runs
  tscompose logs -f web      follow one service
  tscompose plan             what up would change, and why
  tscompose down             take everything down; -v drops the data too

tscompose COMMAND --help tells more of a command.
`

/** What `tscompose` alone prints, of this many columns. */
export function renderHelp(width: number = WIDTH): string {
  const description = 'Runs Compose files on its own container engine'
  const page = pageOf('tscompose', '[OPTIONS] COMMAND', description, width)
  addOptions(page, GLOBAL_OPTIONS)
  page.option('-v, --version', 'Show the version')
  addCommands(page, COMMANDS, '')
  return page.helpInformation() + FOOTER
}

/** What a group of commands, `alpha`, prints. */
export function renderGroupHelp(group: string, width: number = WIDTH): string {
  const page = pageOf(`tscompose ${group}`, 'COMMAND', GROUPS[group] ?? '', width)
  const inside = COMMANDS.filter(({ name }) => name.startsWith(`${group} `))
  addCommands(page, inside, `${group} `)
  return page.helpInformation()
}

/** What `COMMAND --help` prints. */
export function renderCommandHelp(entry: CommandEntry, command: Command, width: number = WIDTH): string {
  const usage = `[OPTIONS] ${entry.arguments}`.trimEnd()
  const page = pageOf(`tscompose ${entry.name}`, usage, command.description, width)
  addOptions(page, command.options)
  return page.helpInformation() + renderExamples(command.examples)
}

function pageOf(name: string, usage: string, description: string, width: number): Page {
  return new Page(name)
    .usage(usage)
    .description(description)
    .helpOption('-h, --help', 'Show this')
    .helpCommand(false)
    .configureHelp({ helpWidth: width, subcommandTerm: each => `${each.name()} ${each.usage()}`.trimEnd() })
}

/** Of a group one line, unless the page is the group's own. */
function addCommands(page: Page, commands: readonly CommandEntry[], prefix: string): void {
  const rows = new Map<string, Page>()
  for (const { name, arguments: positionals, summary, hidden } of commands) {
    if (hidden === true) continue
    const [word = '', ...more] = name.slice(prefix.length).split(' ')
    const isGroup = more.length > 0
    const text = isGroup ? (GROUPS[`${prefix}${word}`] ?? '') : summary
    rows.set(word, new Page(word).usage(isGroup ? 'COMMAND' : positionals || ' ').summary(text))
  }
  for (const row of rows.values()) page.addCommand(row)
}

function addOptions(page: Page, options: OptionTable): void {
  for (const { flags, help, choices = [], initially, hidden } of Object.values(options)) {
    const words = [
      ...(choices.length === 0 ? [] : [choices.join(', ')]),
      ...(initially ? ['default: true'] : []),
    ]
    const option = new ShownOption(flags, words.length === 0 ? help : `${help} (${words.join('; ')})`)
    page.addOption(hidden === true ? option.hideHelp() : option)
  }
}

function renderExamples(examples: Command['examples']): string {
  if (examples.length === 0) return ''
  const width = Math.max(...examples.map(([command]) => command.length))
  const lines = examples.map(([command, meaning]) => `  ${command.padEnd(width)}   ${meaning}`)
  return `\nExamples:\n${lines.join('\n')}\n`
}
