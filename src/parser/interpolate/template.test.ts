import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { evaluate, placeholdersOf, TemplateError } from './template.ts'

const ENV: Readonly<Record<string, string>> = { A: 'a', EMPTY: '' }

function run(text: string): { value: string; unset: string[] } {
  const unset: string[] = []
  const value = evaluate(text, { lookup: name => ENV[name], onUnset: name => unset.push(name) })
  return { value, unset }
}

describe('a template', () => {
  test.each([
    ['$A ${A}', 'a a'],
    ['$$A $${A}', '$A ${A}'],
    ['$ $} ^x$ $1 $', '$ $} ^x$ $1 $'],
    ['${U:-d} ${U-d} ${EMPTY:-d} ${EMPTY-d}', 'd d d '],
    ['${A:+x} ${A+x} ${EMPTY:+x} ${EMPTY+x} ${U+x}', 'x x  x '],
    ['${A:?m}${A?m}', 'aa'],
    ['${U:-${EMPTY:-${A}}}', 'a'],
    ['${U:-{"x":1}}', '{"x":1}'],
    ['${U-b:?c}', 'b:?c'],
    ['${U:-a\nb}', 'a\nb'],
    ['${U:-$$}', '$'],
  ])('%j becomes %j', (text, value) => expect(run(text).value).toBe(value))

  test('a hundred placeholders in one another are read, thousands and endless growth are refused', () => {
    const nested = (depth: number): string => `${'${U:-'.repeat(depth)}x${'}'.repeat(depth)}`
    expect(run(nested(100)).value).toBe('x')
    expect(() => run(nested(20_000))).toThrow(TemplateError)
    expect(placeholdersOf(nested(20_000)).length).toBeGreaterThan(0)
    const large = { lookup: () => 'x'.repeat(1_000_000) }
    expect(() => evaluate('$A'.repeat(1000), large)).toThrow(TemplateError)
  })

  test.each(['${', '${}', '${ A}', '${A }', '${A!}', '${1}', '${A'])('%j is refused', text =>
    expect(() => run(text)).toThrow(TemplateError))

  test('a required variable names itself and its message', () => {
    expect(() => run('x${U:?say $A}')).toThrow(
      expect.objectContaining({ reason: 'required', variable: 'U', message: 'say a', offset: 1 }),
    )
  })

  test('only what is evaluated warns', () => {
    expect(run('${A:-$U} ${U} $V').unset).toEqual(['U', 'V'])
    expect(run('${U:-}').unset).toEqual([])
  })

  test('placeholders in operands are found too', () => {
    expect(placeholdersOf('$A ${B:-${C?x}}').map(({ name, operator }) => [name, operator])).toEqual([
      ['A', undefined],
      ['B', ':-'],
      ['C', '?'],
    ])
  })

  test('doubling every dollar makes any text stand for itself', () => {
    fc.assert(
      fc.property(
        fc.string(),
        text => evaluate(text.replaceAll('$', '$$$$'), { lookup: () => undefined }) === text,
      ),
    )
  })

  test('no text makes it crash or hang', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('$', '{', '}', 'A', ':', '-', '?', '+', ' ', '"')), parts => {
        try {
          run(parts.join(''))
        } catch (error) {
          expect(error).toBeInstanceOf(TemplateError)
        }
      }),
      { numRuns: 1000 },
    )
  })
})
