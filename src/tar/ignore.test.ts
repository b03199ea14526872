import { expect, test } from 'vitest'
import { ignoreRules } from './ignore.ts'

test.each([
  ['*.log', 'a.log', true],
  ['*.log', 'sub/a.log', false],
  ['**/*.log', 'sub/a.log', true],
  ['node_modules', 'node_modules/x/y', true],
  ['/a', 'a', true],
  ['a\n!a/keep', 'a/keep', false],
  ['# a', 'a', false],
  ['A', 'a', false],
  ['readme', 'README', false],
  ['a(1)+{b}|c', 'a(1)+{b}|c', true],
  ['*', 'constructor', true],
  ['**', 'a/b', true],
  ['a/**/b', 'a/b', true],
  ['a/**/b', 'a/x/y/b/c', true],
  ['a/**/b', 'a/xb', false],
  ['**/*.md\n!README.md', 'README.md', false],
  ['**/*.md\n!README.md', 'doc/README.md', true],
  ['a[0-9].log', 'a5.log', true],
  ['a[^0-9].log', 'a5.log', false],
  ['\\*', '*', true],
  ['\\*', 'a', false],
  ['./a/../b/', 'b/c', true],
  ['  spaced  ', 'spaced', true],
  [' #a', '#a', true],
  ['! a\na', 'a', true],
  ['\ufeffa', 'a', true],
  ['a\r\nb', 'a', true],
  ['a/?', 'a/b', true],
  ['.', 'a', false],
  ['a?b', 'a😀b', true],
  ['[😀-😂]', '😁', true],
  ['[\\d]', 'd', true],
  ['[\\d]', '5', false],
  ['[a\\-c]', 'b', false],
  ['[[a]', '[', true],
  ['a?b', 'a\udce9b', true],
  ['a\udce9b', 'a\udce8b', false],
  ['a??', 'a\udce2\udc82', true],
])('rule %j and path %s: %s', (rules, path, ignored) => {
  expect(ignoreRules(rules).isIgnored(path)).toBe(ignored)
})

test.each([
  ['*\n!src', 'src', true],
  ['*\n!src/a', 'src', true],
  ['*\n!src/a', 'lib', false],
  ['*\n!*/a', 'lib', true],
  ['*\n!lib*/a', 'src', true],
  ['*\n!**/a.md', 'src/deep', true],
  ['*\n!src/a/b', 'src/b', false],
  ['*', 'src', false],
])('beneath a folder that %j ignores, %s, something is kept: %s', (rules, folder, kept) => {
  expect(ignoreRules(rules).mayKeepIn(folder)).toBe(kept)
})

test.each(['!', 'a\n! ', '[a', 'a\\'])('rule %j is refused', rules => {
  expect(() => ignoreRules(rules)).toThrow(expect.objectContaining({ code: 'DOCKERIGNORE_INVALID' }))
})
