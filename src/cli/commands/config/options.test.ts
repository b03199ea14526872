import { expect, test } from 'vitest'
import { type ConfigFlags, readConfigOptions } from './options.ts'
import { NO_FLAGS } from './testing/no-flags.ts'

const read = (flags: Partial<ConfigFlags>, services: string[] = []) =>
  readConfigOptions({ ...NO_FLAGS, ...flags }, services)

test('files as they are written are neither checked nor read further, and have all their services', () => {
  for (const raw of [{ noInterpolate: true }, { variables: true }])
    expect(read(raw, ['web'])).toMatchObject({
      services: [],
      profiles: ['*'],
      load: { interpolate: false, checkConsistency: false, resolveEnvironment: false },
    })
})

test('names can be listed although an env_file is missing', () => {
  for (const view of ['services', 'volumes', 'networks', 'models', 'profiles', 'images'])
    expect(read({ [view]: true }).load).toMatchObject({ checkConsistency: true, resolveEnvironment: false })
  expect(read({}).load.resolveEnvironment).toBe(true)
  expect(read({ hash: '*' }).load.resolveEnvironment).toBe(true)
})

test('each --no- flag switches its own stage off', () => {
  expect(read({ noPathResolution: true }).load.resolvePaths).toBe(false)
  expect(read({ noConsistency: true }).load.checkConsistency).toBe(false)
  expect(read({ noNormalize: true }).load.normalize).toBe(false)
  expect(read({ noEnvResolution: true }).load.resolveEnvironment).toBe(false)
})

test('a lock is a resolution, too', () => {
  expect(read({ resolveImageDigests: true }).digests).toBe('resolve')
  expect(read({ resolveImageDigests: true, lockImageDigests: true }).digests).toBe('lock')
})
