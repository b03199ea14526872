import { expect, test } from 'vitest'
import { formatPrintf } from './printf.ts'

test.each<[string, unknown[], string]>([
  ['%s|%10s|%-10s|%.2s', ['a', 'b', 'c', 'def'], 'a|         b|c         |de'],
  ['%d|%5d|%-5d|%05d|%+d|% d', [1, 2, 3, 42, 5, 6], '1|    2|3    |00042|+5| 6'],
  ['%05d|%6.2f|%06.1f', [-42, 4.256, -2.55], '-0042|  4.26|-002.5'],
  ['%b|%o|%x|%X|%#x|%O', [5, 8, 255, 255, 255, 8], '101|10|ff|FF|0xff|0o10'],
  ['%c|%U|%q', [65, 65, 65], "A|U+0041|'A'"],
  ['%e|%g|%G|%.3g|%f', [1.5, 1.5, 1e30, 1234.5, 1.5], '1.500000e+00|1.5|1E+30|1.23e+03|1.500000'],
  ['%t|%v|%v|%v', [true, false, undefined, 1.5], 'true|false|<nil>|1.5'],
  ['%q|%x|%X|% x', ['a"b\n', 'hi', 'hi', 'hi'], '"a\\"b\\n"|6869|6869|68 69'],
  ['%v|%+v|%s|%d', [[1, 'a'], { A: 1, B: 'x' }, ['a', 'b'], [1, 2]], '[1 a]|{A:1 B:x}|[a b]|[1 2]'],
  ['%*d|%-*d|%.*f', [5, 3, 4, 2, 1, 2.25], '    3|2   |2.2'],
  ['%s|%v', [{ A: 'x', B: 'y' }, new Map([['k', 1]])], '{x y}|map[k:1]'],
  ['%s', [{ A: 'x', B: 1 }], '{x %!s(int=1)}'],
  ['%.1f|%.1f|%.1f|%.0f|%.2f|%.0f', [1.25, 1.35, -1.25, 2.5, 0.125, 0.5], '1.2|1.4|-1.2|2|0.12|0'],
  ['%v|%v|%v', [123456789.5, 999999.5, 0.5], '1.234567895e+08|999999.5|0.5'],
  ['%[2]s %[1]s', ['a', 'b'], 'b a'],
  ['100%%', [], '100%'],
  ['%T %T', ['a', 1], 'string int'],
  ['%5t|%-6v|', [true, false], ' true|false |'],
  ['%ä', ['x'], '%!ä(string=x)'],
])('%j of %j', (format, args, wanted) => {
  expect(formatPrintf(format, args)).toBe(wanted)
})

test.each<[string, unknown[], string]>([
  ['%d', ['a'], '%!d(string=a)'],
  ['%s', [1], '%!s(int=1)'],
  ['%t', ['x'], '%!t(string=x)'],
  ['%s', [undefined], '%!s(<nil>)'],
  ['%d', [1.5], '%!d(float64=1.5)'],
  ['%d', [], '%!d(MISSING)'],
  ['%d', [1, 2, 'x'], '1%!(EXTRA int=2, string=x)'],
  ['%[3]d', [1], '%!d(BADINDEX)'],
  ['50%', [], '50%!(NOVERB)'],
])('what does not fit is said in the text: %j of %j', (format, args, wanted) => {
  expect(formatPrintf(format, args)).toBe(wanted)
})
