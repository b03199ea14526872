import { describe, expect, test } from 'vitest'
import { load } from '../load.ts'
import { relativeFolder } from './paths.ts'

test.each([
  ['/p', '/p', '.'],
  ['/p', '/p/sub/deep', 'sub/deep'],
  ['/p/sub', '/p', '..'],
  ['/p/a', '/p/b/c', '../b/c'],
  ['/', '/a', 'a'],
  ['/pp', '/p', '../p'],
])('from %s to %s it is %s', (from, to, way) => {
  expect(relativeFolder(from, to)).toBe(way)
})

describe('with paths left relative', () => {
  const files: Readonly<Record<string, string>> = {
    '/p/compose.yaml':
      'include: [sub/part.yaml]\nservices: {web: {image: w, volumes: ["./:/a"], extends: {file: sub/base.yaml, service: base}}}',
    '/p/sub/part.yaml':
      'include: [deep/part.yaml]\nservices: {part: {image: p, build: ./ctx, volumes: ["../up:/u"]}}',
    '/p/sub/deep/part.yaml': 'services: {deep: {image: d, volumes: ["./data:/d"]}}',
    '/p/sub/base.yaml': 'services: {base: {build: ./base, extends: {file: deep/other.yaml, service: other}}}',
    '/p/sub/deep/other.yaml': 'services: {other: {volumes: ["./other:/o"]}}',
  }
  const { project } = load({
    files: [{ name: '/p/compose.yaml', text: files['/p/compose.yaml'] ?? '' }],
    workingDir: '/p',
    env: {},
    readFile: path => files[path],
    options: { resolvePaths: false },
  })
  const sources = (service: string): (string | undefined)[] =>
    project?.model.services[service]?.volumes?.map(({ source }) => source) ?? []

  test('those of the file itself stay as written', () => {
    expect(sources('web')).toContain('./')
  })

  test('those of an include, and of its includes, start at the project', () => {
    expect(project?.model.services['part']?.build?.context).toBe('sub/ctx')
    expect(sources('part')).toEqual(['up'])
    expect(sources('deep')).toEqual(['sub/deep/data'])
  })

  test('those of a service that is extended, too', () => {
    expect(project?.model.services['web']?.build?.context).toBe('sub/base')
    expect(sources('web')).toContain('sub/deep/other')
  })
})
