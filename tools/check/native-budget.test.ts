import { expect, test } from 'vitest'
import { type CFile, cFileOf } from './includes.ts'
import { checkNativeBudget, linesOf } from './native-budget.ts'

const file = (path: string, ...lines: string[]): CFile => cFileOf(path, lines.join('\n'))
const sources = [
  file('native/core/a.c', '#include "core/a.h"', '', '/* why', ' * so */', 'int a;', '\tint b; /* c */'),
  file('native/core/a.h', 'int a;'),
  file('native/core/b/c.c', 'int c;'),
]

test('a budget counts code in sources of its own folder', () => {
  expect(linesOf('native/core', sources)).toBe(2)
})

test.each([
  ['within its budget', '2 lines of code at most.\n', []],
  ['over it', '1 lines of code at most.\nWhy.\n', ['native/core/BUDGET: 2 lines of code, at most 1']],
  ['without one', '', ['native/core/BUDGET: its first line is to be "N lines of code at most."']],
])('a folder that is %s', (_name, budget, problems) => {
  expect(checkNativeBudget(sources, () => budget, ['native/core'])).toEqual(problems)
})
