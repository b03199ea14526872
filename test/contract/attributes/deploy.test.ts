import { describeAttribute } from './attribute.ts'

describeAttribute('deploy', {
  forms: [
    [{ labels: ['a=b', 'a=b'] }, { labels: { a: 'b' } }],
    [
      { resources: { reservations: { devices: [{ capabilities: ['gpu'], count: 'ALL' }] } } },
      { resources: { reservations: { devices: [{ capabilities: ['gpu'], count: -1 }] } } },
    ],
    [
      {
        replicas: '2',
        resources: {
          limits: { cpus: '0.5', memory: '64m', pids: 10 },
          reservations: { memory: '32m', devices: [{ capabilities: ['gpu'], driver: 'nvidia' }] },
        },
        restart_policy: { condition: 'on-failure', delay: '5s', max_attempts: 3, window: '2m' },
        labels: ['a=b'],
        update_config: { parallelism: 2, order: 'start-first', delay: '10s' },
        placement: { constraints: ['node.role==manager'] },
      },
      {
        replicas: 2,
        resources: {
          limits: { cpus: 0.5, memory: '67108864', pids: 10 },
          reservations: {
            memory: '33554432',
            devices: [{ capabilities: ['gpu'], driver: 'nvidia', count: -1 }],
          },
        },
        restart_policy: { condition: 'on-failure', delay: '5s', max_attempts: 3, window: '2m0s' },
        labels: { a: 'b' },
        update_config: { parallelism: 2, order: 'start-first', delay: '10s' },
        placement: { constraints: ['node.role==manager'] },
      },
    ],
    [{ replicas: 0 }, { replicas: 0 }],
  ],
  merges: [
    [
      { replicas: 1, resources: { limits: { cpus: 1 } } },
      { resources: { limits: { memory: '1m' } } },
      { replicas: 1, resources: { limits: { cpus: 1, memory: '1048576' } } },
    ],
  ],
  invalid: [
    [{ replicas: -1 }, 'INVALID_VALUE'],
    [{ replica: 1 }, 'UNKNOWN_ATTRIBUTE'],
    [{ resources: { limits: { memory: 64 } } }, 'INVALID_TYPE'],
    [{ resources: { reservations: { devices: [{ count: 1 }] } } }, 'MISSING_ATTRIBUTE'],
    [
      { resources: { reservations: { devices: [{ capabilities: ['gpu'], count: 1, device_ids: ['0'] }] } } },
      'CONFLICTING_ATTRIBUTES',
    ],
  ],
})
