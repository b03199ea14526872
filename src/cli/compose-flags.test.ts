// Docker Compose's command line, flag by flag: what is not taken is refused, and is listed here with its reason.
import { describe, expect, test } from 'vitest'
import { readOptions } from './argv/read-options.ts'
import { COMMANDS } from './commands/index.ts'
import { COMPOSE_COMMANDS } from './compose-command-line.test-support.ts'
import { ANYWHERE, GLOBAL_OPTIONS } from './global-options.ts'
import { namesOf, type OptionTable } from './option.ts'

/** Flags that are refused, by their command, with the reason. */
const REFUSED: Readonly<Record<string, Readonly<Record<string, string>>>> = {}

/** Options that take words of which there are few, by a word to try: the others take any. */
const LIKELY = ['never', 'json', 'tcp', 'local', 'missing', 'plain', 'running', 'pretty', '1.0', 'x']

interface Flag {
  readonly names: readonly string[]
  readonly kind: 'flag' | 'number' | 'text' | 'list'
}

function flagOf(written: string): Flag {
  const [, value] = / <(\w+)>$/.exec(written) ?? []
  return { names: namesOf({ flags: written }), kind: (value ?? 'flag') as Flag['kind'] }
}

/** What is taken of one flag, in all spellings: the names that something was wrong with. */
function problemsOf({ names, kind }: Flag, options: OptionTable): string[] {
  return names.filter(name => !spellings(name, kind).every(words => isRead(words, options)))
}

function spellings(name: string, kind: Flag['kind']): readonly (readonly string[][])[] {
  if (kind === 'flag') return [[[name]], [[`${name}=true`]], [[`${name}=false`]]]
  const values = kind === 'number' ? ['3'] : LIKELY
  const both = [values.map(value => [name, value]), values.map(value => [`${name}=${value}`])]
  if (kind !== 'list') return both
  return [...both, values.map(value => [name, value, name, value])]
}

/** Whether one of these is read. */
function isRead(alternatives: readonly (readonly string[])[], options: OptionTable): boolean {
  return alternatives.some(words => {
    try {
      return readOptions(words, options, 'at two dashes').rest.length === 0
    } catch {
      return false
    }
  })
}

async function optionsOf(command: string): Promise<OptionTable | undefined> {
  if (command === '')
    return { ...GLOBAL_OPTIONS, version: { flags: '-v, --version', help: '', kind: 'flag' } }
  const entry = COMMANDS.find(({ name }) => name === command)
  return entry && { ...ANYWHERE, ...(await entry.load()).command.options }
}

describe('every command and flag of Docker Compose', () => {
  test.each(Object.keys(COMPOSE_COMMANDS))('%s', async command => {
    const options = await optionsOf(command)
    if (options === undefined) {
      throw new Error(`${command} is neither there nor refused`)
    }
    const { flags = [], hidden = [] } = COMPOSE_COMMANDS[command] ?? {}
    const all = [...flags, ...hidden, ...(command === '' ? [] : ['--dry-run'])].map(flagOf)
    const refused = REFUSED[command] ?? {}
    expect(all.flatMap(flag => problemsOf(flag, options)).filter(name => !(name in refused))).toEqual([])
    // A reason that is no longer one goes.
    const taken = all.filter(flag => problemsOf(flag, options).length === 0).flatMap(({ names }) => names)
    expect(taken.filter(name => name in refused)).toEqual([])
  })
})

test('what is shown there is shown here, too', async () => {
  for (const [command, { flags }] of Object.entries(COMPOSE_COMMANDS)) {
    const options = await optionsOf(command)
    if (options === undefined) continue
    const shown = Object.values(options).filter(({ hidden }) => hidden !== true)
    const names = new Set(shown.flatMap(namesOf))
    const refused = REFUSED[command] ?? {}
    const gone = flags
      .flatMap(written => flagOf(written).names)
      .filter(name => !names.has(name) && !(name in refused))
    expect({ command, gone: gone.filter(name => !SILENT.has(`${command} ${name}`)) }).toEqual({
      command,
      gone: [],
    })
  }
})

/** Shown by Docker Compose and by us not, since nothing comes of them here. */
const SILENT: ReadonlySet<string> = new Set([' --compatibility', 'ps --orphans'])

test('a flag that is dropped is named', () => {
  const options = { follow: { flags: '-f, --follow', help: '', kind: 'flag' as const } }
  expect(problemsOf(flagOf('-f, --follow'), options)).toEqual([])
  expect(problemsOf(flagOf('-t, --timestamps'), options)).toEqual(['-t', '--timestamps'])
  expect(problemsOf(flagOf('-f, --follow <text>'), options)).toEqual(['-f', '--follow'])
})
