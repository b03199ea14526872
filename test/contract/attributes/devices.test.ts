import { describeAttribute } from './attribute.ts'

describeAttribute('devices', {
  forms: [
    [['/dev/a::r'], [{ source: '/dev/a', target: '/dev/a', permissions: 'r' }]],
    [['/dev/a'], [{ source: '/dev/a', target: '/dev/a', permissions: 'rwm' }]],
    [['/dev/a:/dev/b:r'], [{ source: '/dev/a', target: '/dev/b', permissions: 'r' }]],
    [[{ source: '/dev/a', permissions: 'rw' }], [{ source: '/dev/a', permissions: 'rw' }]],
    [
      ['vendor.com/class=gpu0'],
      [{ source: 'vendor.com/class=gpu0', target: 'vendor.com/class=gpu0', permissions: 'rwm' }],
    ],
  ],
  merges: [
    [['/dev/a:/dev/b'], ['/dev/c:/dev/b'], [{ source: '/dev/c', target: '/dev/b', permissions: 'rwm' }]],
  ],
  invalid: [
    [['/a:/b:c:d'], 'INVALID_DEVICE'],
    ['/dev/a', 'INVALID_TYPE'],
    [[{ target: '/dev/a' }], 'MISSING_ATTRIBUTE'],
  ],
})
