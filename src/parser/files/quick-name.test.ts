import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import type { FileSystem } from '../contract.ts'
import { openProject } from './open.ts'
import { quickProjectName } from './quick-name.ts'

function disk(files: Readonly<Record<string, string>>): FileSystem {
  return { readFile: path => files[path], exists: path => files[path] !== undefined }
}

const SERVICES = 'services: {web: {image: busybox}}\n'

/** What the loader says, which the quick reader must never contradict. */
function loadedName(files: Readonly<Record<string, string>>, cwd: string, env = {}): string | undefined {
  return openProject({ cwd, env, fileSystem: disk(files) }).project?.name
}

const SURE: readonly [string, Record<string, string>][] = [
  ['a plain name', { '/p/compose.yaml': `name: lamp\n${SERVICES}` }],
  ['a quoted name with a comment', { '/p/compose.yaml': `${SERVICES}name: "lamp-2"  # mine\n` }],
  ['no name: the folder', { '/p/compose.yaml': SERVICES }],
  ['Windows line ends', { '/p/compose.yaml': `name: lamp\r\n${SERVICES}` }],
  ['one document mark', { '/p/compose.yaml': `---\nname: lamp\n${SERVICES}` }],
  [
    'an override that names',
    { '/p/compose.yaml': `name: a\n${SERVICES}`, '/p/compose.override.yml': 'name: b\n' },
  ],
  ['.env with other variables', { '/p/compose.yaml': SERVICES, '/p/.env': 'PORT=1\n' }],
  ['a service called name', { '/p/compose.yaml': 'services:\n  name:\n    image: busybox\n' }],
]

test.each(SURE)('%s: the quick reader says what the loader says', (_what, files) => {
  const quick = quickProjectName({ cwd: '/p', env: {}, fileSystem: disk(files) })
  expect(quick).toBeTypeOf('string')
  expect(quick).toBe(loadedName(files, '/p'))
})

const DOUBTFUL: readonly [string, Record<string, string>, Record<string, string>?][] = [
  ['a variable in the name', { '/p/compose.yaml': `name: $X\n${SERVICES}` }],
  ['upper case', { '/p/compose.yaml': `name: Lamp\n${SERVICES}` }],
  ['a quoted key', { '/p/compose.yaml': `"name": lamp\n${SERVICES}` }],
  ['flow style', { '/p/compose.yaml': '{name: lamp, services: {web: {image: b}}}\n' }],
  ['a merge key', { '/p/compose.yaml': `x: &x {name: lamp}\n<<: *x\n${SERVICES}` }],
  ['two documents', { '/p/compose.yaml': `name: a\n---\n${SERVICES}---\n` }],
  ['two names', { '/p/compose.yaml': `name: a\nname: b\n${SERVICES}` }],
  ['null', { '/p/compose.yaml': `name: null\n${SERVICES}` }],
  ['COMPOSE_PROJECT_NAME in .env', { '/p/compose.yaml': SERVICES, '/p/.env': 'COMPOSE_PROJECT_NAME=b\n' }],
  ['COMPOSE_FILE in the environment', { '/p/compose.yaml': SERVICES }, { COMPOSE_FILE: 'x.yaml' }],
  ['two candidates', { '/p/compose.yaml': SERVICES, '/p/docker-compose.yml': SERVICES }],
  ['no file', {}],
]

test.each(DOUBTFUL)('%s: left to the loader', (_what, files, env = {}) => {
  expect(quickProjectName({ cwd: '/p', env, fileSystem: disk(files) })).toBeUndefined()
})

test('a file of a parent folder names by its own folder', () => {
  const files = { '/home/shop/compose.yaml': SERVICES }
  expect(quickProjectName({ cwd: '/home/shop/web', env: {}, fileSystem: disk(files) })).toBe('shop')
  expect(loadedName(files, '/home/shop/web')).toBe('shop')
})

test('a folder may be relative to the process', () => {
  const files = { [resolve('app/compose.yaml')]: SERVICES }
  expect(quickProjectName({ cwd: 'app', env: {}, fileSystem: disk(files) })).toBe('app')
  expect(loadedName(files, 'app')).toBe('app')
})
