import { expect, test } from 'vitest'
import { Failure } from '../../../diagnostics/index.ts'
import type { CommandContext } from '../../command.ts'
import { command } from './index.ts'
import { readUpOptions, type UpFlags } from './options.ts'

const NOTHING: UpFlags = {
  detach: false,
  repair: false,
  wait: false,
  waitTimeout: undefined,
  build: false,
  from: undefined,
  noBuild: false,
  pull: undefined,
  forceRecreate: false,
  noRecreate: false,
  alwaysRecreateDeps: false,
  noDeps: false,
  noStart: false,
  watch: false,
  menu: undefined,
  removeOrphans: false,
  scale: [],
  renewAnonVolumes: false,
  abortOnExit: false,
  abortOnFailure: false,
  exitCodeFrom: undefined,
  attach: [],
  noAttach: [],
  attachDependencies: false,
  timeout: undefined,
  timestamps: false,
  noColor: false,
  noLogPrefix: false,
  quietPull: false,
  quietBuild: false,
  yes: false,
  y: false,
}

const read = (flags: Partial<UpFlags>, services: string[] = []) =>
  readUpOptions(services, { ...NOTHING, ...flags }, {})
const codeOf = (flags: Partial<UpFlags>): string => {
  try {
    read(flags)
    return 'accepted'
  } catch (error) {
    return error instanceof Failure ? error.code : 'other'
  }
}

test('--wait implies -d', () => {
  expect(read({ wait: true }).detach).toBe(true)
  expect(read({}).detach).toBe(false)
})

test('--quiet-pull and --quiet-build leave out what images tell of themselves', () => {
  const quiet = [{}, { quietPull: true }, { quietBuild: true }].map(flags => read(flags).quietBuild)
  expect(quiet).toEqual([false, true, true])
})

test('what exists is compared unless a flag says otherwise', () => {
  expect(read({}).plan.recreate).toBe('diverged')
  expect(read({ forceRecreate: true }).plan.recreate).toBe('force')
  expect(read({ noRecreate: true }).plan).toMatchObject({ recreate: 'never', recreateDependencies: 'never' })
  expect(read({ renewAnonVolumes: true }).plan).toMatchObject({
    recreate: 'force',
    renewAnonymousVolumes: true,
  })
  expect(read({ alwaysRecreateDeps: true }).plan.recreateDependencies).toBe('force')
})

test('images are built as the file says unless a flag says otherwise', () => {
  expect(read({}).plan.build).toBeUndefined()
  expect(read({ build: true }).plan.build).toBe('always')
  expect(read({ noBuild: true }).plan.build).toBe('never')
})

test('--exit-code-from ends all with the first exit, unless failures alone shall', () => {
  expect(read({ exitCodeFrom: 'web' }).attach.abortOn).toBe('any')
  expect(read({ exitCodeFrom: 'web', abortOnFailure: true }).attach.abortOn).toBe('failed')
  expect(read({}).attach.abortOn).toBe('none')
})

test('--scale takes SERVICE=NUMBER, several times', () => {
  expect(read({ scale: ['web=3', 'db=0'] }).plan.scale).toEqual({ web: 3, db: 0 })
  expect(codeOf({ scale: ['web'] })).toBe('FLAG_VALUE')
  expect(codeOf({ scale: ['web=-1'] })).toBe('FLAG_VALUE')
})

test.each([
  ['build', 'noBuild'],
  ['forceRecreate', 'noRecreate'],
  ['alwaysRecreateDeps', 'noRecreate'],
  ['renewAnonVolumes', 'noRecreate'],
  ['abortOnExit', 'abortOnFailure'],
  ['attach', 'attachDependencies'],
  ['detach', 'abortOnExit'],
  ['wait', 'attach'],
])('%s and %s exclude each other', async (one, other) => {
  const given = Object.fromEntries([one, other].map(name => [name, name === 'attach' ? ['web'] : true]))
  const refusal = { code: 'FLAG_CONFLICT' }
  await expect(command.run({} as CommandContext, [], given)).rejects.toMatchObject(refusal)
  // One alone gets as far as loading the project, for which this context has nothing.
  for (const name of [one, other])
    await expect(command.run({} as CommandContext, [], { [name]: given[name] })).rejects.not.toMatchObject(
      refusal,
    )
})

test('a negative --wait-timeout is refused', () => {
  expect(codeOf({ wait: true, waitTimeout: -1 })).toBe('FLAG_VALUE')
})
