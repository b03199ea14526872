import { expect, test } from 'vitest'
import type { ContainerConfig } from '../../api/types/index.ts'
import { termsOf } from './index.ts'
import { mergeConfig } from './merge-config.ts'

const argvOf = (config: ContainerConfig) => termsOf(config, {}).process.argv

const image = {
  Entrypoint: ['/entry'],
  Cmd: ['serve'],
  Env: ['PATH=/bin', 'A=image', 'B=image'],
  Labels: { a: 'image', b: 'image' },
  User: 'www',
  Healthcheck: { Test: ['CMD', 'probe'], Interval: 1e9, Retries: 7 },
}

test('the image completes what the caller left out', () => {
  const config = mergeConfig(
    { Env: ['A=own', 'B'], Labels: { a: 'own' }, Healthcheck: { Interval: 2e9 } },
    image,
  )
  expect(argvOf(config)).toEqual(['/entry', 'serve'])
  expect(config.Env).toEqual(['A=own', 'B', 'PATH=/bin'])
  expect(config.Labels).toEqual({ a: 'own', b: 'image' })
  expect(config.User).toBe('www')
  expect(config.Healthcheck).toMatchObject({ Test: ['CMD', 'probe'], Interval: 2e9, Retries: 7 })
})

test.each([
  ['a command replaces the image’s', { Cmd: ['x'] }, ['/entry', 'x']],
  ['an entrypoint drops the image’s command', { Entrypoint: ['/own'] }, ['/own']],
  ['an entrypoint of one empty string resets it', { Entrypoint: [''], Cmd: ['x'] }, ['x']],
  ['an empty entrypoint keeps the image’s command', { Entrypoint: [] }, ['serve']],
])('%s', (_, wanted, argv) => {
  expect(argvOf(mergeConfig(wanted, image))).toEqual(argv)
})

test('nothing to run is refused', () => {
  expect(() => mergeConfig({}, {})).toThrow(expect.objectContaining({ code: 'COMMAND_MISSING' }))
})
