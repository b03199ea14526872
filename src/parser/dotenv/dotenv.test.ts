import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseDotenv, parseRawEnv } from './dotenv.ts'

const outer = (name: string): string | undefined => ({ HOME: '/root', EMPTY: '' })[name]

function values(text: string): Record<string, string> {
  const result = parseDotenv(text, outer)
  expect(result.problems.filter(({ unset }) => unset === undefined)).toEqual([])
  return Object.fromEntries(result.values)
}

describe('dotenv', () => {
  test.each<[string, Record<string, string>]>([
    ['A=1\nB=2', { A: '1', B: '2' }],
    ['\uFEFFA=1\r\nB=2\r\n', { A: '1', B: '2' }],
    ['export A=1', { A: '1' }],
    ['A=\nB= \nC=c', { A: '', B: '', C: 'c' }],
    ['A: v', { A: 'v' }],
    ['A = spaced ', { A: 'spaced' }],
    ['HOME\nNOT_SET', { HOME: '/root' }],
    ['# note\n\nA=1 # note\nB=a#b', { A: '1', B: 'a#b' }],
    ['A="x\\ny" # note', { A: 'x\ny' }],
    ['A="two\nlines"', { A: 'two\nlines' }],
    ["A='lit $HOME \\n'", { A: 'lit $HOME \\n' }],
    ["A='it\\'s'", { A: "it's" }],
    ['A="\\"q\\" \\$HOME \\\\ \\x41 \\041"', { A: '"q" $HOME \\ \\x41 !' }],
    ['A=$HOME/x\nB=${A}y', { A: '/root/x', B: '/root/xy' }],
    ['HOME=/other\nA=$HOME', { HOME: '/other', A: '/root' }],
    ['A=${NONE:-d}', { A: 'd' }],
    ['a.b-c[0]=1', { 'a.b-c[0]': '1' }],
    ['A=x=y', { A: 'x=y' }],
    ['A=#a\nB= # b\nC=c\t# c', { A: '#a', B: '# b', C: 'c\t# c' }],
    ['A="a" B=2\n', { A: 'a', B: '2' }],
  ])('%j', (text, expected) => expect(values(text)).toEqual(expected))

  test.each([
    ['A="open', 2],
    ['1 2=3', 2],
    ['=x', 0],
    ["A='open", 2],
  ])('%j is refused at %i', (text, offset) => {
    expect(parseDotenv(text, outer).problems[0]?.offset).toBe(offset)
  })

  test('values that double each other end', () => {
    const lines = Array.from({ length: 60 }, (_, at) => `K${at + 1}=\${K${at}}\${K${at}}`)
    const { problems } = parseDotenv(`K0=0123456789\n${lines.join('\n')}`, () => undefined)
    expect(problems.some(({ unset }) => unset === undefined)).toBe(true)
  })

  test('after a wrong line the others still count', () => {
    const { values: found, problems } = parseDotenv('A=1\n!!\nB=2', outer)
    expect([...found.keys()]).toEqual(['A', 'B'])
    expect(problems).toHaveLength(1)
  })

  test('the raw format takes lines as they are', () => {
    const { values: found } = parseRawEnv('A="q" # $HOME\n# note\nHOME\nB= x \n', outer)
    expect(Object.fromEntries(found)).toEqual({ A: '"q" # $HOME', HOME: '/root', B: ' x ' })
  })

  test('any text ends, with values or problems', () => {
    fc.assert(fc.property(fc.string({ maxLength: 200 }), text => parseDotenv(text, outer).values.size >= 0))
  })
})
