import { describeAttribute } from './attribute.ts'

describeAttribute('volumes', {
  forms: [
    [['./'], [{ type: 'volume', target: '.' }]],
    [['é:/é'], [{ type: 'volume', target: 'é:/é', volume: {} }]],
    [[{ type: 'bind', source: '', target: '/b' }], [{ type: 'bind', source: '/p', target: '/b' }]],
    [[{ type: 'volume', source: 'vol', target: '' }], [{ type: 'volume', source: 'vol', target: '.' }]],
    [
      [{ type: 'tmpfs', target: '/t', tmpfs: { mode: '0755' } }],
      [{ type: 'tmpfs', target: '/t', tmpfs: { mode: 493 } }],
    ],
    [
      ['./data:/data'],
      [{ type: 'bind', source: '/p/data', target: '/data', bind: { create_host_path: true } }],
    ],
    [
      ['/srv:/data:ro'],
      [{ type: 'bind', source: '/srv', target: '/data', read_only: true, bind: { create_host_path: true } }],
    ],
    [
      ['~/x:/data:z,rshared'],
      [
        {
          type: 'bind',
          source: '/home/u/x',
          target: '/data',
          bind: { create_host_path: true, selinux: 'z', propagation: 'rshared' },
        },
      ],
    ],
    [['vol:/data'], [{ type: 'volume', source: 'vol', target: '/data', volume: {} }]],
    [['vol:/data:nocopy'], [{ type: 'volume', source: 'vol', target: '/data', volume: { nocopy: true } }]],
    [['/data'], [{ type: 'volume', target: '/data', volume: {} }]],
    [
      [{ type: 'tmpfs', target: '/t', tmpfs: { size: '1m', mode: 1023 } }],
      [{ type: 'tmpfs', target: '/t', tmpfs: { size: '1048576', mode: 1023 } }],
    ],
    [
      [{ type: 'bind', source: '.', target: '/a/../b/', bind: { create_host_path: false } }],
      [{ type: 'bind', source: '/p', target: '/b', bind: { create_host_path: false } }],
    ],
    [
      [{ type: 'bind', source: '.', target: '/a', bind: { create_host_path: 'false' } }],
      [{ type: 'bind', source: '/p', target: '/a', bind: { create_host_path: false } }],
    ],
    [
      [{ type: 'bind', source: '.', target: '/a', bind: { create_host_path: true } }],
      [{ type: 'bind', source: '/p', target: '/a', bind: { create_host_path: true } }],
    ],
    [[{ type: 'bind', source: '.', target: '/a' }], [{ type: 'bind', source: '/p', target: '/a' }]],
    [
      [{ type: 'bind', source: '.', target: '/a', bind: {} }],
      [{ type: 'bind', source: '/p', target: '/a', bind: {} }],
    ],
    [
      [{ type: 'image', source: 'alpine', target: '/i', image: { subpath: 'etc' } }],
      [{ type: 'image', source: 'alpine', target: '/i', image: { subpath: 'etc' } }],
    ],
    [
      [{ type: 'volume', source: 'vol', target: '/v', volume: { subpath: 's', labels: { a: 1 } } }],
      [{ type: 'volume', source: 'vol', target: '/v', volume: { subpath: 's', labels: { a: '1' } } }],
    ],
  ],
  merges: [
    [
      ['./a:/data'],
      ['./b:/data'],
      [{ type: 'bind', source: '/p/b', target: '/data', bind: { create_host_path: true } }],
    ],
    [
      ['./a:/data'],
      [{ type: 'bind', source: './a', target: '/data', bind: { create_host_path: false } }],
      [{ type: 'bind', source: '/p/a', target: '/data', bind: { create_host_path: false } }],
    ],
    [['vol:/data/'], [{ type: 'tmpfs', target: '/data' }], [{ type: 'tmpfs', target: '/data' }]],
  ],
  invalid: [
    [[{ type: 'bind', target: '/b' }], 'MISSING_ATTRIBUTE'],
    [[{ type: 'volume', source: 'vol' }], 'MISSING_ATTRIBUTE'],
    [[{ type: 'tmpfs', target: '/b', tmpfs: { size: -1 } }], 'INVALID_VALUE'],
    ['vol:/data', 'INVALID_TYPE'],
    [['other:/data'], 'UNDEFINED_VOLUME'],
    [['aa::/b'], 'INVALID_VOLUME'],
    [['aa:/b:ro:x'], 'INVALID_VOLUME'],
    [[{ type: 'bnd', target: '/x' }], 'INVALID_VALUE'],
    [[{ target: '/x' }], 'MISSING_ATTRIBUTE'],
    [[{ type: 'bind', source: '.', target: '/a', bind: { create_host_path: null } }], 'INVALID_TYPE'],
  ],
  file: { volumes: { vol: {} } },
})
