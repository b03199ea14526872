// What the pages have readers type is there: commands, flags, words, scripts of npm.
import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { checkArguments } from './argv/check-arguments.ts'
import { findCommand } from './argv/find-command.ts'
import { readOptions } from './argv/read-options.ts'
import { COMMANDS } from './commands/index.ts'
import { ANYWHERE, GLOBAL_OPTIONS } from './global-options.ts'

const PAGES = [
  'README.md',
  ...readdirSync('docs')
    .filter(name => name.endsWith('.md') && name !== 'architecture.md')
    .map(name => `docs/${name}`),
  ...readdirSync('examples').map(name => `examples/${name}/README.md`),
]

/** Lines to type: those of indented blocks and of fenced ones for a shell. */
function shellLines(text: string): string[] {
  const fenced = [...text.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, body = '']) => body.split('\n'))
  const withoutFences = text.replaceAll(/```[\s\S]*?```/g, '')
  const indented = [...withoutFences.matchAll(/^ {4}(\S.*)$/gm)].map(([, line = '']) => line)
  return [...indented, ...fenced]
}

/** The commands of a line, as words; of its quotes, only that they hold words together. */
function commandsOf(line: string): string[][] {
  const [bare = ''] = line.split(/\s#\s/)
  return bare
    .split(/\s(?:&&|\|\|?|;)\s|\$\(|\)/)
    .map(command => (command.match(/'[^']*'|"[^"]*"|\S+/g) ?? []).filter(word => !/^[A-Z_]+=\S*$/.test(word)))
    .map(words => (words[0] === 'sudo' || words[0] === 'npx' ? words.slice(1) : words))
    .map(words =>
      words.slice(
        0,
        indexOr(words, word => /^[<>]$/.test(word)),
      ),
    )
}

function indexOr(words: readonly string[], fits: (word: string) => boolean): number {
  const at = words.findIndex(fits)
  return at < 0 ? words.length : at
}

/** Raises what the program would say of these words. */
async function check(words: readonly string[]): Promise<void> {
  const help = { help: { flags: '-h, --help', help: '', kind: 'flag' } } as const
  const version = { version: { flags: '-v, --version', help: '', kind: 'flag' } } as const
  const { rest } = readOptions(words, { ...GLOBAL_OPTIONS, ...help, ...version }, 'at the first argument')
  if (rest.length === 0) return
  const found = findCommand(COMMANDS, rest)
  if (found.kind !== 'command') throw new Error('no such command')
  const { command } = await found.entry.load()
  const end = found.entry.arguments.includes('COMMAND') ? 'at the first argument' : 'at two dashes'
  const table = { ...ANYWHERE, ...command.options, ...help }
  const read = readOptions(found.rest, table, end)
  if (read.values['help'] !== true) checkArguments(found.entry.name, found.entry.arguments, read.rest)
}

async function problemOf(words: readonly string[]): Promise<string[]> {
  try {
    await check(words)
    return []
  } catch (error) {
    return [`${words.join(' ')}: ${error}`]
  }
}

test.each(PAGES)('%s has lines that tscompose understands', async page => {
  const commands = shellLines(readFileSync(page, 'utf8')).flatMap(commandsOf)
  const ours = commands.filter(([program]) => program === 'tscompose' || program?.endsWith('/tscompose'))
  const problems = await Promise.all(ours.map(words => problemOf(words.slice(1))))
  expect(problems.flat()).toEqual([])
})

test('a line with a command or a flag that is not there is found', async () => {
  const wrong = ['tscompose up --no-such', 'FOO=1 tscompose frobnicate | cat', 'a && tscompose exec web']
  const commands = wrong.flatMap(commandsOf).filter(([program]) => program === 'tscompose')
  expect(commands).toHaveLength(3)
  const problems = await Promise.all(commands.map(words => problemOf(words.slice(1))))
  expect(problems.map(each => each.length)).toEqual([1, 1, 1])
})

test('scripts of npm that the pages name are there', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly scripts: object }
  const named = PAGES.flatMap(page => [...readFileSync(page, 'utf8').matchAll(/npm run ([\w:]+)/g)])
  expect(named.map(([, script = '']) => script).filter(script => !(script in scripts))).toEqual([])
})

test('README lists every command', () => {
  const [, list = ''] = readFileSync('README.md', 'utf8').split('## Commands\n')
  const named = new Set(
    [...(list.split('\n## ')[0] ?? '').matchAll(/`([a-z][a-z ]*)`/g)].map(([, name]) => name),
  )
  const shown = COMMANDS.filter(({ hidden }) => hidden !== true).map(({ name }) => name)
  expect(shown.filter(name => !/^(?:bridge|alpha) /.test(name) && !named.has(name))).toEqual([])
  expect([...named].filter(name => name !== undefined && !COMMANDS.some(each => each.name === name))).toEqual(
    [],
  )
})
