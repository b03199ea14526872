import { describe, expect, test } from 'vitest'
import { codesOf, compareCodes } from './error-codes.ts'

describe('a code is found', () => {
  test.each([
    ['in a failure', "throw failure({ code: 'A_B', summary })"],
    ['in a constant', "const code = known ? 'A_B' : 'C_D'", 'C_D'],
    ['in a choice', "code: isGone(error.code) ? 'A_B' : 'C_D',", 'C_D'],
    ['in a choice by an empty text', "builder.warn(\n  name === '' ? 'A_B' : 'C_D',\n  text)", 'C_D'],
    ['as a fallback', "return this.first?.code ?? 'A_B'"],
    ['as the argument of what reports', "scope.reporter.error(\n  'A_B',\n  `text`)"],
    ['after the severity', "this.#add('warning', 'A_B', summary)"],
    ['in a private method', "this.#fail('A_B', summary)"],
    ['in the table of the client', "notFound: 'ENGINE_X',"],
  ])('%s', (_, text, other?: string) => {
    const first = text.includes('ENGINE_X') ? 'ENGINE_X' : 'A_B'
    expect(codesOf(text)).toEqual(other === undefined ? [first] : [first, other])
  })
})

test.each([
  ['a comparison', "if (error.code !== 'ENOENT') throw error"],
  ['another constant', "const NAMES = ['NET_ADMIN', 'KILL']"],
  ['a variable', "env['COMPOSE_FILE']"],
  ['a code of another', "case 'BAD_INDENT':"],
])('%s is no code', (_, text) => {
  expect(codesOf(text)).toEqual([])
})

test('the page must have every code once, and no other', () => {
  const made = new Map([
    ['A_B', ['src/a.ts']],
    ['C_D', ['src/c.ts']],
  ])
  expect(compareCodes(made, '| `A_B` | one |\n| `C_D` | two |\n')).toEqual([])
  expect(compareCodes(made, '| `A_B` | one |\n')).toHaveLength(1)
  expect(compareCodes(made, '| `A_B` | one |\n| `C_D` | two |\n| `E_F` | three |\n')).toHaveLength(1)
  expect(compareCodes(made, '| `A_B` | one |\n| `C_D` | two |\n| `C_D` | two |\n')).toHaveLength(1)
})
