import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { program, requires } from '../../../test/requires.ts'
import { describeCommandLine } from '../describe.ts'
import { renderBash } from './bash.ts'
import type { CommandLine } from './command-line.ts'
import { renderFish } from './fish.ts'
import { renderManual } from './manual.ts'
import { renderZsh } from './zsh.ts'

let line: CommandLine
beforeAll(async () => {
  line = await describeCommandLine()
})

/** What bash offers for the last word, with a tool that names two services and says what it was asked. */
function complete(...words: string[]): string[] {
  const script = `
    tscompose() { echo "asked $*" >&2; printf '%s\\n' web worker; }
    ${renderBash(line).replace('2>/dev/null', '')}
    COMP_WORDS=(${words.map(word => `'${word.replaceAll("'", "'\\''")}'`).join(' ')}) COMP_CWORD=${words.length - 1}
    _tscompose
    printf '%s\\n' "\${COMPREPLY[@]}"`
  const { stdout, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8' })
  asked = stderr.trim()
  return stdout.split('\n').filter(word => word !== '')
}
let asked = ''

describe('completion in bash', () => {
  test('knows the commands, and the words of options that have a few', () => {
    expect(complete('tscompose', 're')).toEqual(['restart'])
    expect(complete('tscompose', '--progress', 'p')).toEqual(['plain'])
    expect(complete('tscompose', 'up', '--pull', '')).toEqual(['always', 'missing', 'never', 'build'])
  })

  test("knows a command's options, those that are hidden left out", () => {
    expect(complete('tscompose', 'down', '--')).toEqual([
      '--volumes',
      '--remove-orphans',
      '--rmi',
      '--timeout',
      '--help',
    ])
  })

  test('asks for the services of the project that the options before name', () => {
    expect(complete('tscompose', '-f', 'other.yaml', '--profile', 'a', 'stop', 'w')).toEqual([
      'web',
      'worker',
    ])
    expect(asked).toBe('asked -f other.yaml --profile a complete services')
    expect(complete('tscompose', 'up', '--no-attach', 'wo')).toEqual(['worker'])
  })

  test('knows the commands of a group, and their options', () => {
    expect(complete('tscompose', 'al')).toEqual(['alpha'])
    expect(complete('tscompose', 'alpha', 'v')).toEqual(['viz'])
    expect(complete('tscompose', 'bridge', 't')).toEqual(['transformations'])
    expect(complete('tscompose', 'bridge', 'transformations', 'l')).toEqual(['list'])
    expect(complete('tscompose', '--profile', 'a', 'alpha', 'viz', '--im')).toEqual(['--image'])
    expect(complete('tscompose', 'alpha', 'viz', 'we')).toEqual(['web'])
    expect(asked).toBe('asked complete services')
  })

  test('asks for what a value is the name of', () => {
    expect(complete('tscompose', '--profile', 'wo')).toEqual(['worker'])
    expect(asked).toBe('asked complete profiles')
    complete('tscompose', '-p', '')
    expect(asked).toBe('asked complete projects')
    complete('tscompose', 'up', '--scale', '')
    expect(asked).toBe('asked complete scales')
  })

  test('reads options with = and in quotes, and expands nothing', () => {
    expect(complete('tscompose', '--file', '=', '"my file.yaml"', 'up', 'we')).toEqual(['web'])
    expect(asked).toBe('asked --file my file.yaml complete services')
    complete('tscompose', '-f', '$(echo >&2 evil)', 'up', '')
    expect(asked).toBe('asked -f $(echo >&2 evil) complete services')
    expect(complete('tscompose', 'up', '--pull', '=', 'al')).toEqual(['always'])
    expect(complete('tscompose', 'completion', '')).toEqual(['bash', 'zsh', 'fish'])
  })

  test('offers no service where a command of the container stands', () => {
    expect(complete('tscompose', 'exec', 'we')).toEqual(['web'])
    expect(complete('tscompose', 'exec', 'web', 'w')).toEqual([])
    expect(complete('tscompose', 'exec', '-T', '-u', 'web', 'w')).toEqual(['web', 'worker'])
    expect(complete('tscompose', 'exec', '-T', 'web', 'w')).toEqual([])
  })
})

describe.each([
  ['bash', renderBash],
  ['zsh', renderZsh],
  ['fish', renderFish],
])('the script for %s', (shell, render) => {
  test('has every command and every option', () => {
    const script = render(line)
    for (const { name, options } of line.commands) {
      for (const word of name.split(' ')) expect(script).toContain(word)
      for (const { names } of options) expect(script).toContain(names[0]?.slice(2))
    }
  })

  requires(program(shell)).test('is one that the shell can read', {}, () => {
    const folder = mkdtempSync(join(tmpdir(), 'tscompose-completion-'))
    writeFileSync(join(folder, 'script'), render(line))
    try {
      expect(() => execFileSync(shell, ['-n', join(folder, 'script')])).not.toThrow()
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

test('the manual has every command with its options, and no line that roff would take for a macro by accident', () => {
  const manual = renderManual(line, '1.2.3')
  for (const { name } of line.commands) expect(manual).toMatch(new RegExp(`^\\.SS "${name}`, 'm'))
  expect(manual).toContain('.B \\-\\-force\\-recreate')
  const macros = new Set([...manual.matchAll(/^[.'](\w*)/gm)].map(match => match[1]))
  expect([...macros].sort()).toEqual(['B', 'I', 'PP', 'SH', 'SS', 'TH', 'TP'])
})
