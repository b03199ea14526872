import { describe, expect, test } from 'vitest'
import type { LoadOptions, LoadResult } from './contract.ts'
import { load } from './load.ts'

const FILE = `services:
  a:
    build: {context: ., args: [SET, UNSET, X=1]}
    environment: [SET]
    env_file: a.env
    volumes_from: [b]
  b: {image: b}
volumes: {unused: {}}
`

function open(options: LoadOptions): LoadResult {
  return load({
    files: [{ name: '/p/compose.yaml', text: FILE }],
    workingDir: '/p',
    env: { SET: 'here' },
    readFile: path => (path === '/p/a.env' ? 'FILE=1' : undefined),
    options,
  })
}

describe('without normalizing', () => {
  const service = open({ normalize: false }).project?.model.services['a']

  test('build arguments without a value wait for the build', () => {
    expect(service?.build?.args).toEqual({ SET: null, UNSET: null, X: '1' })
  })

  test('variables of the container have their values all the same', () => {
    expect(service?.environment).toEqual({ SET: 'here', FILE: '1' })
  })

  test('what no service uses is dropped all the same', () => {
    expect(open({ normalize: false }).project?.model.volumes).toBeUndefined()
    expect(open({ normalize: false, allResources: true }).project?.model.volumes).toBeDefined()
  })
})

test('without interpolation, nothing is taken from the environment', () => {
  const { merged } = open({ interpolate: false, resolveEnvironment: false })
  expect(merged).toMatchObject({
    services: {
      a: {
        build: { args: ['SET', 'UNSET', 'X=1'] },
        environment: ['SET'],
        env_file: [{ path: '/p/a.env', required: true }],
        depends_on: { b: { restart: false } },
      },
    },
    volumes: { unused: {} },
  })
})

describe('where the project is to run', () => {
  const platformsOf = (text: string, platform: string): LoadResult =>
    load({
      files: [{ name: '/p/compose.yaml', text }],
      workingDir: '/p',
      env: { DOCKER_DEFAULT_PLATFORM: platform },
      options: { defaultPlatform: true },
    })

  test('services that name no platform have the default one', () => {
    const text = 'services: {a: {image: a}, b: {image: b, platform: linux/s390x}, c: {build: .}}'
    const services = platformsOf(text, 'linux/arm64').project?.model.services ?? {}
    expect(Object.values(services).map(({ platform }) => platform)).toEqual([
      'linux/arm64',
      'linux/s390x',
      'linux/arm64',
    ])
    expect(platformsOf(text, '').project?.model.services['a']?.platform).toBeUndefined()
  })

  test('images must be built for it', () => {
    const text = 'services: {a: {build: {context: ., platforms: [linux/amd64]}}}'
    expect(platformsOf(text, 'linux/nope').diagnostics).toMatchObject([{ code: 'PLATFORM_NOT_BUILT' }])
    expect(platformsOf(text, 'linux/amd64').diagnostics).toEqual([])
  })
})
