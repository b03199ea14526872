import { expect, test } from 'vitest'
import { ExpansionError, expandWord, expandWords } from './expand.ts'

const VALUES: Readonly<Record<string, string>> = {
  x: 'one',
  empty: '',
  path: '/a/b/c.tar.gz',
  list: '80 443',
}
const options = { lookup: (name: string): string | undefined => VALUES[name], escapeChar: '\\' }
const expand = (word: string): string => expandWord(word, options)

test.each([
  ['$x', 'one'],
  ['a${x}b', 'aoneb'],
  ['$xb', ''],
  ['\\$x', '$x'],
  ["'$x'", '$x'],
  ['"$x y"', 'one y'],
  ['"a\\"b"', 'a"b'],
  ['"a\\nb"', 'a\\nb'],
  ['a\\ b', 'a b'],
  ['$', '$'],
  ['100$', '100$'],
  ['${none:-word}', 'word'],
  ['${empty:-word}', 'word'],
  ['${empty-word}', ''],
  ['${x:-word}', 'one'],
  ['${none:-${x}}', 'one'],
  ['${none:-"a b"}', 'a b'],
  ['${x:+word}', 'word'],
  ['${empty:+word}', ''],
  ['${empty+word}', 'word'],
  ['${none+word}', ''],
  ['${path#*/}', 'a/b/c.tar.gz'],
  ['${path##*/}', 'c.tar.gz'],
  ['${path%.*}', '/a/b/c.tar'],
  ['${path%%.*}', '/a/b/c'],
  ['${path/b/B}', '/a/B/c.tar.gz'],
  ['${path//a/_}', '/_/b/c.t_r.gz'],
  ['${x:?no}', 'one'],
])('%s becomes %s', (word, expected) => {
  expect(expand(word)).toBe(expected)
})

test.each(['${none:?is needed}', '${x', '${}', '"open', "'open", '${x:=y}'])('%s is refused', word => {
  expect(() => expand(word)).toThrow(ExpansionError)
})

test('the message of :? is in the failure', () => {
  expect(() => expand('${none:?is needed}')).toThrow('is needed')
})

test('the content of a heredoc keeps its quotes and escapes', () => {
  expect(expandWord('a "$x" \'b\' \\n \\$x', { ...options, raw: true })).toBe('a "one" \'b\' \\n $x')
})

test('a backtick escapes where the file says so', () => {
  expect(expandWord('`$x C:\\a', { ...options, escapeChar: '`' })).toBe('$x C:\\a')
})

test('an unquoted variable splits into words, a quoted one does not', () => {
  expect(expandWords(['$list', '"$list"', '8080'], options)).toEqual(['80', '443', '80 443', '8080'])
})
