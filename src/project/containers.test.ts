import { expect, test } from 'vitest'
import type { ContainerSummary } from '../api/types/index.ts'
import { compareNames, nameOf } from './containers.ts'

test('names of containers are ordered by their numbers, as numbers', () => {
  const names = ['app-web-10', 'app-web-2', 'app-db-1', 'app-web-2-a', 'app', 'app-web-02', 'b2', 'b10']
  expect(names.sort(compareNames)).toEqual([
    'app',
    'app-db-1',
    'app-web-02',
    'app-web-2',
    'app-web-2-a',
    'app-web-10',
    'b2',
    'b10',
  ])
})

test('the order holds whichever comes first', () => {
  for (const [a, b] of [
    ['a-1', 'a-2'],
    ['a', 'a-1'],
    ['a-1', 'b-0'],
    ['a-01', 'a-1'],
  ] as const) {
    expect(compareNames(a, b)).toBeLessThan(0)
    expect(compareNames(b, a)).toBeGreaterThan(0)
    expect(compareNames(a, a)).toBe(0)
  }
})

test('the name of a container is its own, not one that another has for it by a link', () => {
  const row = { Id: 'x', Names: ['/app/db', '/db'] } as unknown as ContainerSummary
  expect(nameOf(row)).toBe('db')
})
