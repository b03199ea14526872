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
