import { describe, expect, test } from 'vitest'
import { isAddress, parseRemote } from './reference.ts'

describe('git', () => {
  test.each([
    ['https://example.com/app.git', 'https://example.com/app.git'],
    ['HTTPS://example.com/app.git', 'https://example.com/app.git'],
    ['http://example.com:8080/a/b.git', 'http://example.com:8080/a/b.git'],
    ['ssh://git@example.com/app', 'ssh://git@example.com/app'],
    ['git://example.com/app', 'git://example.com/app'],
    ['git@example.com:team/app.git', 'git@example.com:team/app.git'],
    ['user@example.com:app', 'user@example.com:app'],
    ['github.com/team/app', 'https://github.com/team/app'],
  ])('%s is a repository', (text, repository) => {
    expect(parseRemote(text)).toEqual({ kind: 'git', text, repository })
  })

  test.each([
    ['#v1', { ref: 'v1' }],
    ['#v1:sub/folder', { ref: 'v1', subdir: 'sub/folder' }],
    ['#:sub', { subdir: 'sub' }],
    ['#', {}],
    ['#feature/x:a:b', { ref: 'feature/x', subdir: 'a:b' }],
  ])('%s names the ref and the folder', (fragment, parts) => {
    const text = `git@example.com:app.git${fragment}`
    expect(parseRemote(text)).toEqual({ kind: 'git', text, repository: 'git@example.com:app.git', ...parts })
  })
})

test('oci:// names an artefact', () => {
  const text = 'oci://localhost:5000/team/app:v1'
  expect(parseRemote(text)).toEqual({ kind: 'oci', text, name: 'localhost:5000/team/app:v1' })
})

test.each([
  'compose.yaml',
  './x.git',
  '../a@b:c',
  '/srv/app.git',
  'C:/app',
  'oci:x',
  'git@example.com',
  'ext::sh -c true',
])('%s is a path', text => {
  expect(parseRemote(text)).toBeUndefined()
  expect(isAddress(text)).toBe(false)
})

test.each([
  'https://example.com/compose.yaml',
  'file:///srv/app.git',
  'git+https://example.com/x.git',
  'ssh:///x',
])('%s is an address that nothing here fetches', text => {
  expect(parseRemote(text)).toBeUndefined()
  expect(isAddress(text)).toBe(true)
})
