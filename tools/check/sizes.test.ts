import { describe, expect, test } from 'vitest'
import { functionsOf } from './functions.ts'
import { checkSize, FILE_LIMIT, FUNCTION_LIMIT } from './sizes.ts'

const lines = (count: number, line = '  work()'): string[] => new Array<string>(count).fill(line)

/** The sizes of all functions of a TypeScript file. */
const sizesOf = (...text: string[]): number[] => functionsOf('a.ts', text.join('\n')).map(each => each.lines)

describe('a TypeScript function is found', () => {
  test.each([
    ['as a declaration', 'export async function f<T>(a: T): Promise<void> {', '}'],
    ['as a generator', 'export function* f(): Generator<string> {', '}'],
    ['as an arrow', 'const f = (a: string): void => {', '}'],
    ['as an arrow with a type', "export const run: Module['run'] = async (context, raw) => {", '}'],
    ['as a callback', "test('x', async () => {", '})'],
    ['as a property', 'const x = { f: a => {', '} }'],
    ['with a type in braces', 'function f(): { readonly a: string } {', '}'],
    ['in a call of several arguments', 'walk(graph, operation => {', '}, limit)'],
  ])('%s', (_, first, last) => {
    expect(sizesOf(first, ...lines(8), last)).toEqual([10])
  })

  test.each([
    ['as a method', '  async #visit<T>(a: T): Promise<T> {'],
    ['as a constructor', '  constructor(a: string) {'],
    ['as a getter', '  get size(): number {'],
    ['as a static method', '  static from(a: string): Class {'],
  ])('%s', (_, first) => {
    expect(sizesOf('class Class {', first, ...lines(8, '    work()'), '  }', '}')).toEqual([10])
  })

  test('with a signature of several lines, from its first line on', () => {
    expect(sizesOf('function f(', '  a: string,', '  b: string,', '): void {', ...lines(5), '}')).toEqual([
      10,
    ])
  })

  test('with parameters that are taken apart', () => {
    expect(sizesOf('function f({', '  a,', '  b,', '}: Both): Pick<Both, "a"> {', ...lines(5), '}')).toEqual([
      10,
    ])
  })

  test('with a type of several lines', () => {
    expect(sizesOf('function f(): Map<', '  string,', '  number', '> {', ...lines(5), '}')).toEqual([10])
  })

  test('inside another', () => {
    expect(sizesOf('function f(): void {', '  const g = () => {', '    work()', '  }', '}')).toEqual([5, 3])
  })

  test('and nothing else is', () => {
    const text = [
      'class A extends mixin(B) {',
      '  readonly a = {',
      '    b: call({',
      '      c: 1,',
      '    }),',
      '  }',
      '}',
      'if (a(b)) {',
      '  work()',
      '} else if (c(d)) {',
      '  work()',
      '}',
      'for (const a of b()) {',
      '  work()',
      '}',
      'if (',
      '  a &&',
      '  b',
      ') {',
      '  work()',
      '}',
      'try {',
      '  work()',
      '} catch (error) {',
      '  work()',
      '}',
      'switch (kind(a)) {',
      "  case 'b': {",
      '    work()',
      '  }',
      '}',
    ]
    expect(sizesOf(...text)).toEqual([])
  })
})

describe('a C function is found', () => {
  const sizesOfC = (...text: string[]): number[] =>
    functionsOf('a.c', text.join('\n')).map(each => each.lines)

  test.each([
    ['static', ['static int f(struct state *state)', '{']],
    ['with a type of ours', ['struct op *next_op(struct program *program)', '{']],
    ['with a type of stdint.h', ['uint32_t f(const char *text)', '{']],
    ['with the brace in its line', ['ssize_t f(void) {']],
    ['in several lines', ['static int f(struct state *state, const char *path,', '\t\tint flags)', '{']],
  ])('%s', (_, signature) => {
    expect(sizesOfC('#include "a.h"', '', ...signature, ...lines(5, '\twork();'), '}')).toEqual([
      signature.length + 6,
    ])
  })

  test('and a table is none', () => {
    expect(sizesOfC('static const int table[] = {', '\t1,', '};')).toEqual([])
  })
})

test('a function above the limit fails, one at the limit does not', () => {
  const ofLines = (count: number): string => ['function f(): void {', ...lines(count - 2), '}', ''].join('\n')
  expect(checkSize('a.ts', ofLines(FUNCTION_LIMIT))).toEqual([])
  expect(checkSize('a.ts', ofLines(FUNCTION_LIMIT + 1))).toHaveLength(1)
  const inC = ['static int f(void)', '{', ...lines(FUNCTION_LIMIT, '\twork();'), '}', ''].join('\n')
  expect(checkSize('a.c', inC)).toHaveLength(1)
})

test('a file above the limit fails, one at the limit does not', () => {
  const ofLines = (count: number): string => `${lines(count, 'work()').join('\n')}\n`
  expect(checkSize('a.ts', ofLines(FILE_LIMIT))).toEqual([])
  expect(checkSize('a.ts', ofLines(FILE_LIMIT + 1))).toHaveLength(1)
})
