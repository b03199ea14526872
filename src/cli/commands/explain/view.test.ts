import { expect, test } from 'vitest'
import type { Origin, OriginRule } from '../../../model/index.ts'
import type { Explanation } from './explanation.ts'
import { explanationToJson } from './json.ts'
import { RULES, valueText } from './sentences.ts'
import { renderExplanation } from './view.ts'

const bare: Origin = { written: '', variables: [], through: [], overrode: [] }
const range = { file: '/p/c.yaml', start: { line: 3, column: 5 }, end: { line: 3, column: 6 } }
const options = { color: false, columns: undefined, cwd: '/p' }

function single(value: unknown, origin: Origin | undefined): Explanation {
  return { path: ['services', 'a', 'x'], values: [{ path: ['services', 'a', 'x'], value, origin }] }
}

const text = (value: unknown, origin: Origin | undefined): string =>
  renderExplanation(single(value, origin), options)

test('a value as written has its place alone', () => {
  expect(text('v', { ...bare, range, written: 'v' })).toBe('services.a.x = v\n  from      c.yaml:3:5\n')
})

test('files outside of the folder are shown by the way to them, standard input by its dash', () => {
  const other = { ...range, file: '/q/d.yaml' }
  expect(text('v', { ...bare, range: other, written: 'v' })).toContain('../q/d.yaml:3:5')
  expect(text('v', { ...bare, range: { ...range, file: '-' }, written: 'v' })).toContain(' -:3:5')
})

test.each(Object.keys(RULES) as OriginRule[])('the rule %s is a sentence', rule => {
  expect(text('v', { ...bare, rule })).toContain(`not written\n  rule      ${RULES[rule]}\n`)
})

test('steps, variables and what was overridden stand in lines of their own', () => {
  const shown = text('v', {
    ...bare,
    range,
    written: '${A:-$B}',
    variables: [
      { name: 'A', source: 'unset', used: 'default', text: 'v' },
      { name: 'B', value: 'v', source: 'file', range: { ...range, file: '/p/.env' }, used: 'value' },
    ],
    through: [
      { kind: 'include', file: '/p/i.yaml', range },
      { kind: 'extends', file: '/p/e.yaml', service: 'base' },
      { kind: 'alias', name: 'n', merge: true, range },
    ],
    overrode: [{ ...bare, range, value: { k: [1] }, rule: 'env-file' }],
  })
  expect(shown.split('\n').slice(2)).toEqual([
    '  written   ${A:-$B}',
    '  variable  A is not set: default v',
    '  variable  B=v from .env:3',
    '  through   by include of i.yaml, c.yaml:3:5',
    '  through   by extends of base in e.yaml',
    '  through   by <<: *n, c.yaml:3:5',
    '  overrode  {"k":[1]} at c.yaml:3:5 (env_file)',
    '',
  ])
})

test('a value without origin is told as unknown, and is null in JSON', () => {
  expect(text('v', undefined)).toContain('unknown')
  expect(explanationToJson(single('v', undefined))).toMatchObject({ values: [{ value: 'v', origin: null }] })
})

test('items of a list carry the name of the list, branches stand alone', () => {
  const origin = { ...bare, range, written: 'v' }
  const value = (...path: (string | number)[]) => ({ path: ['services', 'a', ...path], value: 'v', origin })
  const values = [value('l', 0), value('l', 1, 'k'), value('l', 1, 'm'), value('d', 'e', 'f')]
  expect(renderExplanation({ path: ['services', 'a'], values }, options)).toBe(
    [
      'services.a',
      '  l[0]   v  c.yaml:3:5',
      '  l[1]',
      '    k    v  c.yaml:3:5',
      '    m    v  c.yaml:3:5',
      '  d',
      '    e',
      '      f  v  c.yaml:3:5',
      '',
    ].join('\n'),
  )
})

test.each<[unknown, string]>([
  ['plain text', 'plain text'],
  ['nginx:1.2', 'nginx:1.2'],
  ['', '""'],
  ['1', '"1"'],
  ['true', '"true"'],
  ['a\nb', '"a\\nb"'],
  [' a', '" a"'],
  ['a ', '"a "'],
  ['\x9b', '"\\u009b"'],
  [true, 'true'],
  [null, 'null'],
  [['a', 'b'], '["a","b"]'],
])('%j is shown as %s', (value, shown) => expect(valueText(value)).toBe(shown))
