import { describe, expect, test } from 'vitest'
import { choice, flag, flagOn, list, number, text } from '../option.ts'
import { type OptionsEnd, readOptions } from './read-options.ts'

const OPTIONS = {
  detach: flag('-d, --detach', ''),
  quiet: flag('-q, --quiet', ''),
  pause: flagOn('-p, --pause', ''),
  noBuild: flag('--no-build', ''),
  user: text('-u, --user <user>', ''),
  env: list('-e, --env <key=value>', ''),
  tail: number('--tail <lines>', ''),
  pull: choice('--pull <policy>', '', ['always', 'never']),
}

const read = (words: string, end: OptionsEnd = 'at two dashes'): ReturnType<typeof readOptions> =>
  readOptions(words.split(' '), OPTIONS, end)

describe('a switch', () => {
  test.each([
    ['-d', true],
    ['--detach', true],
    ['--detach=true', true],
    ['--detach=1', true],
    ['--detach=T', true],
    ['-d=true', true],
    ['--detach=false', false],
    ['--detach=0', false],
    ['--detach=F', false],
    ['-d=0', false],
    ['--detach --detach=false', false],
    ['--detach=false -d', true],
  ])('%s is %s', (words, value) => {
    expect(read(words)).toEqual({ values: { detach: value }, rest: [] })
  })

  test('takes no word behind it, and nothing else than a switch is', () => {
    expect(read('--detach false')).toEqual({ values: { detach: true }, rest: ['false'] })
    for (const words of ['--detach=maybe', '--detach=', '-d=2'])
      expect(() => read(words)).toThrow(expect.objectContaining({ code: 'FLAG_VALUE' }))
  })
})

test.each([
  ['--user root', { user: 'root' }],
  ['--user=root', { user: 'root' }],
  ['-u root', { user: 'root' }],
  ['-uroot', { user: 'root' }],
  ['-u=root', { user: 'root' }],
  ['-u =root', { user: '=root' }],
  ['--user==root', { user: '=root' }],
  ['-du=root', { detach: true, user: 'root' }],
  ['-dqu root', { detach: true, quiet: true, user: 'root' }],
  ['-dq=false', { detach: true, quiet: false }],
  ['--user=a=b', { user: 'a=b' }],
  ['--user --env', { user: '--env' }],
  ['-e A=1 --env B=2 -eC', { env: ['A=1', 'B=2', 'C'] }],
  ['--tail -5', { tail: -5 }],
  ['--pull=never', { pull: 'never' }],
  ['--user a -u b', { user: 'b' }],
  ['--no-build', { noBuild: true }],
])('%s is read as %j', (words, values) => {
  expect(read(words)).toEqual({ values, rest: [] })
})

test('words that are no options may stand between, and two dashes end them', () => {
  expect(read('web -d db - -- -q --')).toEqual({
    values: { detach: true },
    rest: ['web', 'db', '-', '-q', '--'],
  })
})

test('a command in a container has its own options', () => {
  expect(read('-d web node --env-file x -d=3 --', 'at the first argument')).toEqual({
    values: { detach: true },
    rest: ['web', 'node', '--env-file', 'x', '-d=3', '--'],
  })
})

test.each([
  ['--nosuch', 'FLAG_UNKNOWN'],
  ['-x', 'FLAG_UNKNOWN'],
  ['-dx', 'FLAG_UNKNOWN'],
  ['--build', 'FLAG_UNKNOWN'],
  ['--user', 'FLAG_VALUE'],
  ['-du', 'FLAG_VALUE'],
  ['--tail=ten', 'FLAG_VALUE'],
  ['--tail=1.5', 'FLAG_VALUE'],
  ['--tail=', 'FLAG_VALUE'],
  ['--pull=sometimes', 'FLAG_VALUE'],
])('%s is refused with %s', (words, code) => {
  expect(() => read(words)).toThrow(expect.objectContaining({ code }))
})

test('a misspelt option is told which was meant', () => {
  expect(() => read('--detahc')).toThrow(
    expect.objectContaining({ diagnostics: [expect.objectContaining({ hint: 'did you mean --detach?' })] }),
  )
})
