import { describeAttribute } from './attribute.ts'

describeAttribute('blkio_config', {
  forms: [
    [
      {
        weight: 300,
        weight_device: [{ path: '/dev/a', weight: 400 }],
        device_read_bps: [{ path: '/dev/a', rate: '12mb' }],
        device_write_iops: [{ path: '/dev/a', rate: 30 }],
      },
      {
        weight: 300,
        weight_device: [{ path: '/dev/a', weight: 400 }],
        device_read_bps: [{ path: '/dev/a', rate: '12582912' }],
        device_write_iops: [{ path: '/dev/a', rate: '30' }],
      },
    ],
  ],
  merges: [[{ weight: 300 }, { weight: 400 }, { weight: 400 }]],
  invalid: [
    [{ weigth: 1 }, 'UNKNOWN_ATTRIBUTE'],
    [300, 'INVALID_TYPE'],
  ],
  yamlOnly: true,
})
