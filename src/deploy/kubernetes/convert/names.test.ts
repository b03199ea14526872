import { describe, expect, test } from 'vitest'
import { dataKey, isLabelKey, isName, labelValue, nameFor, namesFor } from './names.ts'

describe('a name', () => {
  test.each([
    ['web', 'web'],
    ['my_db', 'my-db'],
    ['Web.API', 'web-api'],
    ['1st', 'x-1st'],
    ['-a-', 'a'],
    ['___', 'x'],
    ['größe', 'gr-e'],
  ])('of %s is %s', (text, name) => {
    expect(nameFor(text)).toBe(name)
    expect(isName(name)).toBe(true)
  })

  test('is cut where it is too long, and still another one for each text', () => {
    const [one, other] = ['a'.repeat(80), `${'a'.repeat(80)}b`]
    const names = namesFor([one, other])
    expect(new Set(names.values()).size).toBe(2)
    for (const name of names.values()) expect([isName(name), name.length <= 52]).toEqual([true, true])
  })

  test('is nobody else’s: texts that would become the same have digests, whatever their order', () => {
    const texts = ['a_b', 'a.b', 'a-b', 'A-B']
    const names = namesFor(texts)
    expect(names.get('a-b')).toBe('a-b')
    expect(new Set(names.values()).size).toBe(4)
    expect(namesFor(texts.toReversed())).toEqual(new Map([...names].reverse()))
  })

  test('keeps clear of names that are taken', () => {
    expect(namesFor(['web'], new Set(['web'])).get('web')).toMatch(/^web-[0-9a-f]{6}$/)
  })

  test('of what every object of JavaScript has is a name like any other', () => {
    expect([...namesFor(['constructor', '__proto__']).values()]).toEqual(['constructor', 'proto'])
  })
})

test('values of labels are kept where they may be', () => {
  expect(['My_App.1', 'a b', ''].map(labelValue)).toEqual(['My_App.1', 'a-b', 'x'])
})

test.each([
  ['traefik.http.routers.web.rule', true],
  ['example.com/path', true],
  ['a/b/c', false],
  ['with blank', false],
  ['UPPER.example/x', false],
])('%s as the key of an annotation: %s', (key, isValid) => {
  expect(isLabelKey(key)).toBe(isValid)
})

test('keys of contents are as the file is called, or have a digest behind what fits', () => {
  expect(dataKey('nginx.conf')).toBe('nginx.conf')
  expect(dataKey('a/b')).toMatch(/^a_b\.[0-9a-f]{6}$/)
  expect(dataKey('a/b')).not.toBe(dataKey('a_b'))
  expect(dataKey('..')).toMatch(/^\.\.\.[0-9a-f]{6}$/)
})
