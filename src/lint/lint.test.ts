import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { listFiles } from '../../tools/check/modules.ts'
import { load } from '../parser/index.ts'
import { LINT_RULES, lint } from './index.ts'
import { LOADER_WARNINGS } from './lint.ts'
import { findingsIn, services, type Texts } from './rule-cases.test-support.ts'
import { RULES } from './rules/index.ts'

const placesIn = (texts: Texts): string[] =>
  findingsIn(texts).map(
    ({ code, range }) => `${code} ${range?.file}:${range?.start.line}:${range?.start.column}`,
  )

describe('findings', () => {
  test('come in the order of the files and lines, with the warnings of the loader among them', () => {
    const base = 'services:\n  b:\n    image: ${NAME}nginx\n    privileged: true\n  a:\n    image: nginx\n'
    expect(placesIn([base, 'services:\n  b:\n    cap_add: [ALL]\n  a:\n    privileged: true\n'])).toEqual([
      'UNSET_VARIABLE /p/0.yaml:3:12',
      'IMAGE_NOT_PINNED /p/0.yaml:3:12',
      'PRIVILEGED /p/0.yaml:4:17',
      'IMAGE_NOT_PINNED /p/0.yaml:6:12',
      'PRIVILEGED /p/1.yaml:5:17',
    ])
  })

  test('of what several services share by an anchor are told once', () => {
    const text = 'x-all: &all {image: nginx, privileged: true}\nservices:\n  a: *all\n  b: {<<: *all}\n'
    expect(placesIn(text)).toEqual(['IMAGE_NOT_PINNED /p/0.yaml:1:21', 'PRIVILEGED /p/0.yaml:1:40'])
  })

  test('have the severity of their rule', () => {
    expect(findingsIn(services('a: {image: nginx, ports: ["81"]}')).map(({ severity }) => severity)).toEqual([
      'warning',
      'note',
    ])
  })

  test('are none in a file without faults', () => {
    expect(findingsIn(services('a: {image: "nginx:1.27", ports: ["127.0.0.1:80:80"]}'))).toEqual([])
  })
})

describe('x-lint', () => {
  const codesIn = (texts: Texts): string[] => findingsIn(texts).map(({ code }) => code)

  test('at the top level switches a rule off everywhere', () => {
    const text = `x-lint: {ignore: [PRIVILEGED]}\n${services('a: {image: nginx, privileged: true}, b: {image: x:1, privileged: true}')}`
    expect(codesIn(text)).toEqual(['IMAGE_NOT_PINNED'])
  })

  test('in a service switches it off there', () => {
    const text = services(
      'a: {image: nginx, x-lint: {ignore: [IMAGE_NOT_PINNED, UNSET_VARIABLE], }, command: "${NONE} x"}, ab: {image: nginx}',
    )
    expect(findingsIn(text).map(({ path }) => path)).toEqual(['services.ab.image'])
  })

  test('in any other part does so too', () => {
    expect(
      codesIn(`${services('a: {image: x:1}')}\nvolumes: {one: {x-lint: {ignore: [UNUSED_VOLUME]}}, two: {}}`),
    ).toEqual(['UNUSED_VOLUME'])
  })

  test('switches warnings of the loader off as well', () => {
    expect(
      codesIn(`version: "3"\nx-lint: {ignore: [OBSOLETE_VERSION]}\n${services('a: {image: x:1}')}`),
    ).toEqual([])
  })

  test.each([
    ['a code that no rule has', '{ignore: [NO_SUCH_RULE]}'],
    ['a code outside of a list', '{ignore: PRIVILEGED}'],
    ['another key', '{ignore: [], disable: [PRIVILEGED]}'],
    ['a list', '[PRIVILEGED]'],
    ['an item that is no text', '{ignore: [1]}'],
  ])('with %s is told, at its place', (_, mark) => {
    expect(placesIn(`x-lint: ${mark}\n${services('a: {image: x:1}')}`)).toEqual([
      'UNKNOWN_RULE /p/0.yaml:1:9',
    ])
  })
})

describe('lint as a library', () => {
  const text = services(
    'a: {image: nginx, privileged: true, environment: {V: 1.10}}, b: {image: nginx}, c: {image: "x:${T}"}',
  )
  const { project, diagnostics, sources } = load({
    files: [{ name: '/p/a.yaml', text: `${text}\nvolumes: {v1: {}}` }],
    workingDir: '/p',
    env: {},
  })
  const codes = (options: Parameters<typeof lint>[1]): string[] =>
    project ? lint(project, options).map(({ code, path }) => `${code} ${path}`) : []

  test('takes a project alone: what needs texts or unused parts is not looked for', () => {
    expect(codes({})).toEqual([
      'IMAGE_NOT_PINNED services.a.image',
      'PRIVILEGED services.a.privileged',
      'IMAGE_NOT_PINNED services.b.image',
      'IMAGE_NOT_PINNED services.c.image',
    ])
  })

  test('limits itself to services', () => {
    expect(codes({ services: ['b', 'c'], diagnostics })).toEqual([
      'IMAGE_NOT_PINNED services.b.image',
      'IMAGE_NOT_PINNED services.c.image',
      'UNSET_VARIABLE services.c.image',
    ])
  })

  test('leaves codes out', () => {
    expect(codes({ ignore: ['IMAGE_NOT_PINNED', 'UNSET_VARIABLE'], sources, diagnostics })).toEqual([
      'PRIVILEGED services.a.privileged',
      'NUMBER_REWRITTEN services.a.environment.V',
    ])
  })
})

describe('the list of rules', () => {
  test('has every code once, with one line', () => {
    expect(new Set(LINT_RULES.map(({ code }) => code)).size).toBe(LINT_RULES.length)
    for (const { code, about } of LINT_RULES) {
      expect(code).toMatch(/^[A-Z][A-Z0-9_]+$/)
      expect(about).toMatch(/^[^\n]{20,110}[^.\n]$/)
    }
  })

  test('is what docs/lint.md explains, in the same words', () => {
    const page = readFileSync('docs/lint.md', 'utf8').replaceAll(/\s+/g, ' ')
    const headings = [...page.matchAll(/### `([A-Z0-9_]+)` \((\w+)\) ([^#]*?)\. Why:/g)]
    const explained = headings.map(([, code, severity, about]) => ({
      code,
      severity,
      about: about?.replaceAll('`', ''),
    }))
    expect(explained).toEqual(LINT_RULES.map(({ code, severity, about }) => ({ code, severity, about })))
  })

  test('has cases for each rule', () => {
    const tests = listFiles('src/lint/rules', ['.test.ts']).map(path => readFileSync(path, 'utf8'))
    const untested = RULES.filter(({ code }) => !tests.some(text => text.includes(`'${code}'`)))
    expect(untested.map(({ code }) => code)).toEqual([])
  })

  test('has every warning of the loader, and no other', () => {
    const texts = listFiles('src/parser', ['.ts'])
      .filter(path => !path.endsWith('.test.ts'))
      .map(path => readFileSync(path, 'utf8'))
    const warned = texts.flatMap(text => [
      ...text.matchAll(/(?:\.warn\(\s*|'warning',\s*|'DOTENV_SYNTAX' : )'([A-Z0-9_]+)'/g),
    ])
    const codes = new Set(warned.map(match => match[1]))
    expect([...codes].sort()).toEqual(LOADER_WARNINGS.map(({ code }) => code))
  })
})
