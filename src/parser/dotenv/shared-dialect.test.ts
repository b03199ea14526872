import { parse } from 'dotenv'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseDotenv } from './dotenv.ts'

describe("our reader of Compose's dialect and the package agree on what both read", () => {
  const key = fc.stringMatching(/^[A-Z_][A-Z0-9_]{0,8}$/)
  // Not shared: a note where the value is empty, which Compose takes for the value, and # within a bare word.
  const bare = fc.stringMatching(/^[a-zA-Z0-9_./:,@%+-]{1,12}$/)
  const spaced = fc.stringMatching(/^[a-zA-Z0-9_./:,@%+ #=-]{0,12}$/)
  const value = fc.oneof(
    bare,
    spaced.map(text => `'${text}'`),
    spaced.map(text => `"${text}"`),
    fc.tuple(spaced, spaced).map(lines => `"${lines.join('\\n')}"`),
    fc.tuple(spaced, spaced).map(lines => `"${lines.join('\n')}"`),
  )
  const note = fc.constantFrom('', ' # a note')
  const line = fc.oneof(
    key.map(name => `${name}=`),
    fc.tuple(fc.constantFrom('', 'export '), key, value, note).map(([e, k, v, n]) => `${e}${k}=${v}${n}`),
    fc.constantFrom('', '# KEY=value', '  '),
  )
  const text = fc.tuple(fc.array(line, { maxLength: 12 }), fc.constantFrom('\n', '\r\n'))

  test('line for line', () => {
    fc.assert(
      fc.property(text, ([lines, end]) => {
        const whole = lines.join(end)
        const { values, problems } = parseDotenv(whole, () => undefined)
        expect(problems).toEqual([])
        expect(Object.fromEntries(values)).toEqual(parse(whole))
      }),
      { numRuns: 2000 },
    )
  })
})
