import { describeAttribute } from './attribute.ts'

describeAttribute('networks', {
  forms: [
    [['a'], { a: null }],
    [
      {
        a: null,
        b: { aliases: ['x'], ipv4_address: '10.0.0.2', priority: 3, gw_priority: 1, driver_opts: { k: 1 } },
      },
      {
        a: null,
        b: { aliases: ['x'], ipv4_address: '10.0.0.2', priority: 3, gw_priority: 1, driver_opts: { k: '1' } },
      },
    ],
    [[], { default: null }],
  ],
  merges: [
    [['a'], { b: { aliases: ['x'] } }, { a: null, b: { aliases: ['x'] } }],
    [{ a: { aliases: ['x'] } }, { a: { aliases: ['x', 'y'] } }, { a: { aliases: ['x', 'y'] } }],
    [{ a: { aliases: ['x'] } }, ['a'], { a: { aliases: ['x'] } }],
  ],
  invalid: [
    [['c'], 'UNDEFINED_NETWORK'],
    ['a', 'INVALID_TYPE'],
    [{ a: { alias: ['x'] } }, 'UNKNOWN_ATTRIBUTE'],
  ],
  file: { networks: { a: {}, b: null } },
})
