import { describe, expect, test } from 'vitest'
import { Reporter } from '../reporter.ts'
import { toPlain } from '../shape/decode.ts'
import { Source } from '../tree/source.ts'
import { parseYaml } from './parse.ts'

function parse(text: string): { documents: unknown[]; codes: string[]; lines: (number | undefined)[] } {
  const reporter = new Reporter()
  const documents = parseYaml(new Source('f', text), reporter).map(toPlain)
  const codes = reporter.diagnostics.map(({ code }) => code)
  return { documents, codes, lines: reporter.diagnostics.map(({ range }) => range?.start.line) }
}

describe('YAML as go-yaml reads it', () => {
  test.each<[string, unknown]>([
    ['0440', 288],
    ['0o440', 288],
    ['08', 8],
    ['0x1F', 31],
    ['0b11', 3],
    ['1_000', 1000],
    ['-12', -12],
    ['1.10', 1.1],
    ['1e3', 1000],
    ['.5', 0.5],
    ['yes', 'yes'],
    ['on', 'on'],
    ['True', true],
    ['22:22', '22:22'],
    ['~', null],
    ['', null],
    ['Null', null],
    ['"5"', '5'],
    ["'true'", 'true'],
    ['!!str 5', '5'],
    ['!!binary eA==', 'x'],
    ['1e400', '1e400'],
    ['!!int "5"', 5],
    ['2020-01-02', '2020-01-02T00:00:00Z'],
    ['1.2.3', '1.2.3'],
    ['12345678901234567890', 12345678901234567000],
  ])('%s is %j', (text, value) => expect(parse(`a: ${text}`).documents).toEqual([{ a: value }]))

  test('documents, comments and empty documents', () => {
    expect(parse('a: 1\n---\n# nothing\n---\nb: 2\n').documents).toEqual([{ a: 1 }, null, { b: 2 }])
    expect(parse('# nothing').documents).toEqual([])
    expect(parse('a: 1\n...\n# nothing\n').documents).toEqual([{ a: 1 }])
    expect(parse('').documents).toEqual([])
  })

  test('anchors, aliases and merge keys; own keys and earlier sources win', () => {
    const text =
      'x: &x {a: 1, b: 1}\ny: &y {b: 2, c: 2}\nz: {<<: [*x, *y], a: 0}\nw: *x\nl: &l [*x, *y]\nv: {<<: *l}'
    expect(parse(text).documents[0]).toMatchObject({
      z: { a: 0, b: 1, c: 2 },
      w: { a: 1, b: 1 },
      v: { a: 1, b: 1, c: 2 },
    })
  })

  test('anchors hold for the later documents of a file', () => {
    expect(parse('x: &x {a: 1}\n---\ny: *x\n').documents).toEqual([{ x: { a: 1 } }, { y: { a: 1 } }])
  })

  test.each([
    ['a: 1\nb: 2\na: 3', 'YAML_DUPLICATE_KEY', 3],
    ['a: {<<: {b: 1},\n <<: {c: 1}}', 'YAML_DUPLICATE_KEY', 2],
    ['a: b\nc: x\u0000', 'YAML_SYNTAX', 2],
    ['a: \u0007', 'YAML_SYNTAX', 1],
    ['a: *nope', 'YAML_UNKNOWN_ALIAS', 1],
    ['a: &a [*a]', 'YAML_ALIAS_CYCLE', 1],
    ['1: x', 'YAML_KEY', 1],
    ['a: 1\n b: 2', 'YAML_SYNTAX', 2],
    ['a:\n\t- b', 'YAML_SYNTAX', 2],
    ['a: |\n  x\n\ty', 'YAML_SYNTAX', 3],
    ['a: "open', 'YAML_SYNTAX', 1],
    ['<<: 3', 'YAML_MERGE', 1],
  ])('%j is refused', (text, code, line) => {
    const result = parse(text)
    expect(result.codes).toContain(code)
    expect(result.lines[0]).toBe(line)
  })

  test('an alias bomb is refused before it costs anything', () => {
    const levels = Array.from(
      { length: 30 },
      (_, at) => `l${at + 1}: &l${at + 1} [${`*l${at}, `.repeat(9)}*l${at}]`,
    )
    expect(parse(`l0: &l0 [x, x]\n${levels.join('\n')}`).codes).toContain('YAML_ALIAS_BOMB')
  })

  test.each(['[', '- ', '{a: '])('five hundred levels of %j are read, more are refused', open => {
    const close = open === '[' ? ']' : open === '- ' ? '' : '}'
    const nested = (levels: number): string => `${open.repeat(levels)}x${close.repeat(levels)}`
    expect(parse(nested(500)).codes).toEqual([])
    for (const levels of [501, 100_000]) expect(parse(nested(levels)).codes).toEqual(['YAML_TOO_DEEP'])
  })

  // To compare each key with each other would take minutes, far past the limit of a test.
  test('a hundred thousand keys are read', { timeout: 60_000 }, () => {
    const text = Array.from({ length: 100_000 }, (_, at) => `k${at}: v`).join('\n')
    expect(parse(text).codes).toEqual([])
  })
})
