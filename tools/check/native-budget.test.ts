import { expect, test } from 'vitest'
import { type CFile, cFileOf, INCLUDES } from './includes.ts'
import { checkNativeBudget, linesOf } from './native-budget.ts'

const file = (path: string, ...lines: string[]): CFile => cFileOf(path, lines.join('\n'))
const folders = ['native/core']
const sources = [
  file('native/core/a.c', '#include "core/a.h"', '', '/* why', ' * so */', 'int a;', '\tint b; /* c */'),
  file('native/core/a.h', 'int a;'),
  file('native/core/b/c.c', 'int c;'),
]
const elsewhere = { folders: Object.keys(INCLUDES), limit: 1000 }

test('a budget counts code in sources', () => {
  expect(linesOf({ folders, limit: 0 }, sources)).toBe(2)
})

test.each([
  ['over its limit', { folders, limit: 1 }, ['native: the core has 2 lines of code, at most 1']],
  ['within it', { folders, limit: 2 }, []],
  ['over it by as much as is known', { folders, limit: 1, meanwhile: 2 }, []],
  [
    'over it by more',
    { folders, limit: 0, meanwhile: 1 },
    ['native: the core has 2 lines of code, at most 1'],
  ],
  [
    'over it by less than was known',
    { folders, limit: 1, meanwhile: 3 },
    ['native: the core has 2 lines of code now: say so in tools/check/native-budget.ts'],
  ],
])('a program that is %s', (_name, core, problems) => {
  expect(checkNativeBudget(sources, { core, elsewhere })).toEqual(problems)
})

test('a folder that no budget counts is a problem', () => {
  expect(checkNativeBudget([], { all: { folders: Object.keys(INCLUDES).slice(1), limit: 0 } })).toEqual([
    'native/core: is in no budget of tools/check/native-budget.ts',
  ])
})
