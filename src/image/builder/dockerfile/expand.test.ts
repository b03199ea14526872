import { expect, test } from 'vitest'
import { ExpansionError, expandWord, expandWords } from './expand.ts'

const VALUES: Readonly<Record<string, string>> = {
  x: 'one',
  empty: '',
  path: '/a/b/c.tar.gz',
  list: '80 443',
  über: 'here',
  stars: '*a*b*c',
  marks: 'a?b?c',
  windows: 'C:\\a\\b',
  brace: '{a}',
  money: 'af',
  dollars: '$1$&',
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

test.each([
  '${none:?is needed}',
  '${empty:?}',
  '${none?}',
  '${x',
  '${',
  '${}',
  '${{x}',
  '${:x}',
  '${x:',
  '${x:}',
  '${x:#o}',
  '${x=y}',
  '${x:=y}',
  '${x//ww}',
  '${x//}',
  '${x/a/b',
  '${x%\\a}',
  '"open',
  "'open",
  "${x:-'}",
])('%s is refused', word => {
  expect(() => expand(word)).toThrow(ExpansionError)
})

test('the message of :? is in the failure', () => {
  expect(() => expand('${none:?is needed}')).toThrow('is needed')
})

test('the content of a heredoc keeps its quotes', () => {
  expect(expandWord('a "$x" \'b\' \\$x', { ...options, raw: true })).toBe('a "one" \'b\' $x')
})

test('an escape of a heredoc makes what is behind it plain, and goes itself', () => {
  expect(expandWord('a\\\\b \\n \\\nend', { ...options, raw: true })).toBe('a\\b n \nend')
})

test('backslash escapes in a heredoc also where the file says backtick, which is plain there', () => {
  const backtick = { ...options, escapeChar: '`', raw: true }
  expect(expandWord('\\$x|`$x|``|\\\\|`"x"', backtick)).toBe('$x|`one|``|\\|`"x"')
})

test.each([
  ['$001-', '-'],
  ['a${999}b', 'ab'],
  ['$1a', 'a'],
  ['[$?$$$!$-$@$*$#]', '[]'],
  ['$\u00fcber!', 'here!'],
  ['$x.$x', 'one.one'],
  ['${?}', ''],
])('%s: numbers, special parameters and letters are names', (word, expected) => {
  expect(expand(word)).toBe(expected)
})

test.each([
  ['a\\', 'a'],
  ['a\\\\', 'a\\'],
  ['he\\"llo', 'he"llo'],
  ["he'l\\lo'", 'hel\\lo'],
  ['"a\\b\\\\c"', 'a\\b\\c'],
  ['"it\'s"', "it's"],
  ["'\"'", '"'],
])('%s: what an escape does outside of quotes and in them', (word, expected) => {
  expect(expand(word)).toBe(expected)
})

test.each([
  ['${stars%\\**}', '*a*b'],
  ['${stars%%\\**}', ''],
  ['${stars#\\*}', 'a*b*c'],
  ['${stars//\\*/+}', '+a+b+c'],
  ['${marks//\\?/_}', 'a_b_c'],
  ['${marks/?/_}', '_?b?c'],
  ['${path//*/x}', 'x'],
  ['${windows//\\\\/-}', 'C:-a-b'],
  ['${path/\\/a/-}', '-/b/c.tar.gz'],
  ['${path##*\\/}', 'c.tar.gz'],
  ['${brace%\\}}', '{a'],
  ['${path/./+}', '/a/b/c+tar.gz'],
  ['${path//b/$x}', '/a/one/c.tar.gz'],
  ["${path//b/'$x y'}", '/a/$x y/c.tar.gz'],
  ['${path//none/}', '/a/b/c.tar.gz'],
  ['${none//a/b}', ''],
  ['${money/a/$x$$}', 'onef'],
  ['${x/n/$dollars}', 'o$1$&e'],
  ['${path#}', '/a/b/c.tar.gz'],
  ['${path%%$empty}', '/a/b/c.tar.gz'],
  ['${x/$empty/q}', 'qone'],
  ['${x///}', 'one'],
  ['${path//\\//\\/}', '\\/a\\/b\\/c.tar.gz'],
  ['${marks#?\\?}', 'b?c'],
])('%s: patterns', (word, expected) => {
  expect(expand(word)).toBe(expected)
})

test('a backtick escapes where the file says so', () => {
  expect(expandWord('`$x C:\\a', { ...options, escapeChar: '`' })).toBe('$x C:\\a')
})

test('an unquoted variable splits into words, a quoted one does not', () => {
  expect(expandWords(['$list', '"$list"', '8080'], options)).toEqual(['80', '443', '80 443', '8080'])
  expect(expandWords(['a$list"$list"b', "'a b'c", 'a\\ b', '""', '$none'], options)).toEqual([
    'a80',
    '44380 443b',
    'a bc',
    'a b',
  ])
})
