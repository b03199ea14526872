import { expect, expectTypeOf, test } from 'vitest'
import type { CommandContext } from './command.ts'
import { defineCommand } from './define-command.ts'
import { choice, flag, given, hidden, list, number, text } from './option.ts'

const CONTEXT = {} as CommandContext

test('run gets each option by its name, with the type that its definition says', async () => {
  let seen: object = {}
  const command = defineCommand({
    description: '',
    options: {
      noDeps: flag('--no-deps', ''),
      user: text('-u, --user <user>', ''),
      timeout: number('-t, --timeout <seconds>', ''),
      env: list('-e, --env <key=value>', ''),
      format: choice('--format <format>', '', ['json', 'table']),
      old: hidden(flag('--old', '')),
    },
    run: async (_context, args, options) => {
      expectTypeOf(options.noDeps).toEqualTypeOf<boolean>()
      expectTypeOf(options.user).toEqualTypeOf<string | undefined>()
      expectTypeOf(options.timeout).toEqualTypeOf<number | undefined>()
      expectTypeOf(options.env).toEqualTypeOf<readonly string[]>()
      expectTypeOf(options.format).toEqualTypeOf<'json' | 'table' | undefined>()
      seen = { args, ...options }
      return 7
    },
  })
  expect(await command.run(CONTEXT, ['web'], { timeout: 3, env: ['A=1'] })).toBe(7)
  expect(seen).toEqual({
    args: ['web'],
    noDeps: false,
    user: undefined,
    timeout: 3,
    env: ['A=1'],
    format: undefined,
    old: false,
  })
})

test('options that exclude each other are refused together, by their flags', async () => {
  const command = defineCommand({
    description: '',
    options: { build: flag('--build', ''), noBuild: flag('--no-build', ''), only: list('--only <x>', '') },
    conflicts: [
      ['build', 'noBuild'],
      ['build', 'only'],
    ],
    run: async () => 0,
  })
  const run = (values: object): Promise<number> => command.run(CONTEXT, [], values as never)
  const refusal = { code: 'FLAG_CONFLICT', message: '--build and --no-build exclude each other' }
  await expect(run({ build: true, noBuild: true })).rejects.toMatchObject(refusal)
  await expect(run({ build: true, only: ['a'] })).rejects.toMatchObject({ code: 'FLAG_CONFLICT' })
  for (const values of [{}, { build: true }, { build: true, only: [] }, { noBuild: true, only: ['a'] }])
    expect(await run(values)).toBe(0)
})

test('what is undefined is no field of a request', () => {
  expect(given({ timeout: undefined, signal: 'HUP' })).toEqual({ signal: 'HUP' })
})
