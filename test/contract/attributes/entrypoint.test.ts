import { describeAttribute } from './attribute.ts'

describeAttribute('entrypoint', {
  forms: [
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
    ['echo "open', 'INVALID_COMMAND'],
    [{ a: 'b' }, 'INVALID_TYPE'],
    [[1], 'INVALID_TYPE'],
  ],
})
