import { describeAttribute } from './attribute.ts'

describeAttribute('command', {
  forms: [
    ['a\u00a0b c', ['a\u00a0b', 'c']],
    ['a 2>&1 b', ['a']],
    ['a2>&1', ['a2']],
    ['echo "a b" c', ['echo', 'a b', 'c']],
    [
      ['echo', '$$HOME'],
      ['echo', '$HOME'],
    ],
    [[], []],
    ['', []],
    [null, null],
  ],
  merges: [
    [['a'], ['b'], ['b']],
    ['a', 'b c', ['b', 'c']],
    [['a'], null, null],
  ],
  invalid: [
    ['a\\', 'INVALID_COMMAND'],
    ['echo "open', 'INVALID_COMMAND'],
    [{ a: 'b' }, 'INVALID_TYPE'],
    [[1], 'INVALID_TYPE'],
  ],
})
