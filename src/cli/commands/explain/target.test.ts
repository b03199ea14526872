import { describe, expect, test } from 'vitest'
import { Failure } from '../../../diagnostics/index.ts'
import type { Path, Project } from '../../../model/index.ts'
import { load } from '../../../parser/index.ts'
import { parsePath, pathText } from './path.ts'
import { findTarget } from './target.ts'

const TEXT = `
services:
  web:
    image: x
    ports: ["8080:80"]
    labels: {a: "1", a.b: "2", 'q"[': "3"}
    environment: {DEBUG: "1"}
  web.api: {image: y}
  networks: {image: z}
  off: {image: o, profiles: [debug]}
networks: {front: }
secrets: {s: {environment: SECRET}}
`

function project(): Project {
  const loaded = load({
    files: [{ name: '/p/c.yaml', text: TEXT }],
    workingDir: '/p',
    env: { SECRET: 'hush' },
    options: { allResources: true },
  }).project
  if (loaded === undefined) throw new Error('the file does not load')
  return loaded
}

function failureOf(text: string): Failure {
  try {
    findTarget(text, project())
  } catch (error) {
    if (error instanceof Failure) return error
    throw error
  }
  throw new Error(`${text} was found`)
}

describe('a path', () => {
  test.each<[string, Path]>([
    ['web', ['services', 'web']],
    ['web.image', ['services', 'web', 'image']],
    ['services.web.image', ['services', 'web', 'image']],
    ['web.ports[0].target', ['services', 'web', 'ports', 0, 'target']],
    ['web.ports.0.target', ['services', 'web', 'ports', 0, 'target']],
    ['web.labels.a', ['services', 'web', 'labels', 'a']],
    ['web.labels["a.b"]', ['services', 'web', 'labels', 'a.b']],
    ["web['labels']['a.b']", ['services', 'web', 'labels', 'a.b']],
    ['web.labels.a.b', ['services', 'web', 'labels', 'a.b']],
    ['web.labels["q\\"["]', ['services', 'web', 'labels', 'q"[']],
    ['web.api', ['services', 'web.api']],
    ['web.api.image', ['services', 'web.api', 'image']],
    ['networks', ['services', 'networks']],
    ['networks.front', ['networks', 'front']],
    ['secrets.s.environment', ['secrets', 's', 'environment']],
    ['off.image', ['services', 'off', 'image']],
    ['web.command', ['services', 'web', 'command']],
    ['name', ['name']],
  ])('%s', (text, path) => expect(findTarget(text, project()).path).toEqual(path))

  test('that is none is refused, and its text says from where', () => {
    for (const text of [
      '',
      '.',
      'web.',
      'web..image',
      'web[',
      'web[]',
      'web[0',
      'web["a]',
      'web]x',
      'web[0]x',
    ])
      expect(failureOf(text).code).toBe('VALUE_PATH_INVALID')
  })

  test('survives being printed', () => {
    for (const path of [
      ['a', 'b.c', 0, 'd"'],
      ['x', '', 'e\u001b\u009b'],
      ['a]', 1, 2],
    ])
      expect(parsePath(pathText(path)).map(({ text }) => text)).toEqual(path.map(String))
  })
})

describe('what is not there', () => {
  test.each([
    ['wbe', 'NO_SUCH_SERVICE', 'web'],
    ['network.front', 'NO_SUCH_SERVICE', 'networks'],
    ['web.imag', 'NO_SUCH_VALUE', 'image'],
    ['web.environment.DBUG', 'NO_SUCH_VALUE', 'DEBUG'],
    ['web.enviroment.DEBUG', 'NO_SUCH_VALUE', 'environment'],
    ['web.restart', 'NO_SUCH_VALUE', 'image'],
    ['web.ports[3]', 'NO_SUCH_VALUE', 'services.web.ports[0]'],
    ['web.image.tag', 'NO_SUCH_VALUE', 'nothing is below'],
    ['networks.fronts', 'NO_SUCH_VALUE', 'front'],
  ])('%s is refused with %s, and the hint has %s', (text, code, hint) => {
    const [diagnostic] = failureOf(text).diagnostics
    expect(diagnostic?.code).toBe(code)
    expect(diagnostic?.hint).toContain(hint)
  })

  test('the content of a secret cannot be asked for', () => {
    expect(failureOf('secrets.s.content').code).toBe('NO_SUCH_VALUE')
  })

  test('names that objects inherit are no values', () => {
    for (const text of ['toString', 'web.constructor', 'web.ports.length'])
      expect(failureOf(text).code).toMatch(/^NO_SUCH_/)
  })
})
