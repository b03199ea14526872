import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Failure } from '../../diagnostics/index.ts'
import { type GitReference, parseRemote, type RemoteFile } from '../../parser/index.ts'
import { RemoteCache } from '../cache.ts'
import { GitServer } from '../testing/git-server.ts'
import { fetchGit, fetchGitFolder, selectCommit } from './fetch.ts'

let folder: string
let server: GitServer
let first: string
let second: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tscompose-git-'))
  server = await GitServer.start(join(folder, 'served'))
  first = server.commit({
    'compose.yaml': 'name: first\n',
    'sub/docker-compose.yml': '{}',
    'sub/x.yaml': '{}',
  })
  server.tag('v1')
  second = server.commit({
    'compose.yaml': 'name: second\n',
    'empty/readme': '',
    'out/compose.yaml': '-> /etc/hostname',
    away: '-> /etc',
    near: '-> sub',
  })
})

afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true, force: true })
})

function fetch(text: string, env: NodeJS.ProcessEnv = process.env): Promise<RemoteFile> {
  const reference = parseRemote(text)
  if (reference?.kind !== 'git') throw new Error(`${text} is no git reference`)
  return fetchGit(reference, { cache: new RemoteCache(join(folder, 'cache')), env })
}

async function failureOf(work: Promise<unknown>): Promise<Failure> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (error instanceof Failure) return error
  throw new Error('it did not fail', { cause: error })
}

test('without a ref, the default branch is checked out by its commit', async () => {
  const { path, root } = await fetch(server.url)
  expect(root).toBe(join(folder, 'cache', 'git', second))
  expect(path).toBe(join(root, 'compose.yaml'))
  expect(readFileSync(path, 'utf8')).toBe('name: second\n')
})

test.each([
  ['an annotated tag', () => 'v1'],
  ['a commit', () => first],
])('%s is that state of the repository', async (_what, ref) => {
  const { path } = await fetch(`${server.url}#${ref()}`)
  expect(readFileSync(path, 'utf8')).toBe('name: first\n')
})

test('a branch is asked for again each time', async () => {
  await fetch(`${server.url}#main:near`)
  const third = server.commit({ 'new/compose.yaml': 'name: third\n' })
  const { root, path } = await fetch(`${server.url}#main:new`)
  expect(root).toBe(join(folder, 'cache', 'git', third))
  expect(readFileSync(path, 'utf8')).toBe('name: third\n')
})

test('a folder means its Compose file, a file itself; a link inside of the repository is followed', async () => {
  const root = join(folder, 'cache', 'git', second)
  expect((await fetch(`${server.url}#${second}:sub`)).path).toBe(join(root, 'sub/docker-compose.yml'))
  expect((await fetch(`${server.url}#${second}:sub/x.yaml`)).path).toBe(join(root, 'sub/x.yaml'))
  expect((await fetch(`${server.url}#${second}:near`)).path).toBe(join(root, 'near/docker-compose.yml'))
})

test('a build context is a folder of the repository, and nothing but a folder', async () => {
  const context = { cache: new RemoteCache(join(folder, 'cache')), env: process.env }
  const text = (inside: string): string => `${server.url}#${second}:${inside}`
  const folderOf = (inside: string): Promise<string> =>
    fetchGitFolder(parseRemote(text(inside)) as GitReference, context)
  const root = join(folder, 'cache', 'git', second)
  expect(await folderOf('')).toBe(root)
  expect(await folderOf('empty')).toBe(join(root, 'empty'))
  expect((await failureOf(folderOf('compose.yaml'))).code).toBe('REMOTE_FILE_MISSING')
  expect((await failureOf(folderOf('away'))).code).toBe('REMOTE_PATH_OUTSIDE')
})

test('a commit that is here needs no network', async () => {
  await fetch(`${server.url}#${first}`)
  const { path } = await fetch(`git://127.0.0.1:1/elsewhere#${first}`)
  expect(path).toBe(join(folder, 'cache', 'git', first, 'compose.yaml'))
})

test('nothing half-made stays behind', async () => {
  await failureOf(fetch(`git://127.0.0.1:1/elsewhere#${'0'.repeat(40)}`))
  expect(readdirSync(join(folder, 'cache', 'tmp'))).toEqual([])
  expect(existsSync(join(folder, 'cache', 'git', '0'.repeat(40)))).toBe(false)
})

describe('is refused', () => {
  test.each([
    ['a ref that is not there', () => `${server.url}#none`, 'GIT_REF_NOT_FOUND'],
    ['a folder that is not there', () => `${server.url}#main:none`, 'REMOTE_FILE_MISSING'],
    ['a folder without a Compose file', () => `${server.url}#main:empty`, 'REMOTE_FILE_MISSING'],
    ['a path that leaves the repository', () => `${server.url}#main:sub/../../..`, 'REMOTE_PATH_OUTSIDE'],
    ['a folder that is a link to elsewhere', () => `${server.url}#main:away`, 'REMOTE_PATH_OUTSIDE'],
    ['a Compose file that is a link to elsewhere', () => `${server.url}#main:out`, 'REMOTE_PATH_OUTSIDE'],
    ['a repository that nobody serves', () => 'git://127.0.0.1:1/app', 'REMOTE_UNREACHABLE'],
    ['a repository that is not there', () => `${server.url}-2`, 'REMOTE_UNREACHABLE'],
    ['a ref that is an option', () => `${server.url}#--upload-pack=true`, 'REMOTE_REFERENCE_INVALID'],
    ['a ref that is a pattern', () => `${server.url}#ma*`, 'REMOTE_REFERENCE_INVALID'],
    ['a ref that is an expression', () => `${server.url}#main~1`, 'REMOTE_REFERENCE_INVALID'],
    ['a host that is an option', () => 'ssh://-oProxyCommand=true/app', 'REMOTE_REFERENCE_INVALID'],
    ['a query', () => 'https://127.0.0.1:1/app.git?ref=v1', 'REMOTE_REFERENCE_INVALID'],
  ])('%s', async (_what, text, code) => {
    expect((await failureOf(fetch(text()))).code).toBe(code)
  })

  test('without the password of its address in the words', async () => {
    const error = await failureOf(fetch('http://user:secret@127.0.0.1:1/app.git'))
    expect(error.code).toBe('REMOTE_UNREACHABLE')
    expect(JSON.stringify(error.diagnostics)).not.toContain('secret')
  })

  test('without a git program, and that is said', async () => {
    expect((await failureOf(fetch(server.url, { PATH: '/nowhere' }))).code).toBe('GIT_MISSING')
  })
})

test('hooks of the user do not run, and the variables of a hook do not lead astray', async () => {
  const hooks = mkdtempSync(join(folder, 'hooks-'))
  const mark = join(folder, 'mark')
  writeFileSync(join(hooks, 'post-checkout'), `#!/bin/sh\ntouch ${mark}\n`, { mode: 0o755 })
  const commit = server.commit({ 'hooked/compose.yaml': '{}' })
  await fetch(`${server.url}#${commit}`, {
    ...process.env,
    GIT_DIR: join(folder, 'elsewhere'),
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'core.hooksPath',
    GIT_CONFIG_VALUE_0: hooks,
  })
  expect(existsSync(mark)).toBe(false)
  expect(existsSync(join(folder, 'elsewhere'))).toBe(false)
})

describe('of a listing', () => {
  const LISTING = [
    '1\tHEAD',
    '2\trefs/heads/main',
    '3\trefs/heads/old/v1',
    '4\trefs/heads/v2',
    '5\trefs/pull/7/head',
    '6\trefs/tags/v1',
    '7\trefs/tags/v1^{}',
    '8\trefs/tags/v2',
  ].join('\n')

  test.each([
    ['HEAD', '1'],
    ['main', '2'],
    ['refs/heads/main', '2'],
    ['v1', '7'],
    ['v2', '4'],
    ['pull/7/head', '5'],
    ['head', '5'],
    ['none', undefined],
  ])('%s is the commit %s', (ref, commit) => {
    expect(selectCommit(LISTING, ref)).toBe(commit)
  })
})
