import { describeAttribute } from './attribute.ts'

describeAttribute('x-tscompose', {
  forms: [
    [{ probe: { tcp: 3306 } }, { probe: { tcp: '3306' } }],
    [{ probe: { tcp: '[::1]:80' } }, { probe: { tcp: '[::1]:80' } }],
    [{ probe: { http: '8080/health' } }, { probe: { http: '8080/health' } }],
    [{ probe: { http: 80 } }, { probe: { http: '80' } }],
    [{ probe: { unix: '/run/a.sock' } }, { probe: { unix: '/run/a.sock' } }],
    [
      {
        probe: {
          log: 'ready',
          interval: '90s',
          timeout: '1s',
          retries: '5',
          start_period: '0s',
          start_interval: '1s',
        },
      },
      {
        probe: {
          log: 'ready',
          interval: '1m30s',
          timeout: '1s',
          retries: 5,
          start_period: '0s',
          start_interval: '1s',
        },
      },
    ],
    [
      { restart_unhealthy: true, run_once: 'true' },
      { restart_unhealthy: true, run_once: true },
    ],
    [{ restart_unhealthy: false }, {}],
    [{ bind_owner: 'caller' }, { bind_owner: 'caller' }],
    [{ bind_owner: 'container' }, { bind_owner: 'container' }],
    [{ publish: 'loopback' }, { publish: 'loopback' }],
    [{ egress: ['10.0.0.0/8', '[2001:db8::]/32:443'] }, { egress: ['10.0.0.0/8', '[2001:db8::]/32:443'] }],
    [null, undefined],
  ],
  merges: [
    [{ probe: { tcp: 1, retries: 2 } }, { probe: { http: 80 } }, { probe: { http: '80', retries: 2 } }],
    [{ probe: { tcp: 1 } }, { probe: { interval: '1s' } }, { probe: { tcp: '1', interval: '1s' } }],
    [{ egress: ['10.0.0.0/8'] }, { egress: ['192.0.2.1'] }, { egress: ['10.0.0.0/8', '192.0.2.1'] }],
    [{ run_once: true }, { restart_unhealthy: true }, { run_once: true, restart_unhealthy: true }],
  ],
  invalid: [
    [{ probe: {} }, 'INVALID_PROBE'],
    [{ probe: { interval: '1s' } }, 'INVALID_PROBE'],
    [{ probe: { tcp: 1, http: 2 } }, 'INVALID_PROBE'],
    [{ probe: { tcp: 'db:3306' } }, 'INVALID_PROBE'],
    [{ probe: { http: 'https://x/' } }, 'INVALID_PROBE'],
    [{ probe: { unix: 'a.sock' } }, 'INVALID_PROBE'],
    [{ probe: { tcp: 80, retries: -1 } }, 'INVALID_VALUE'],
    [{ probe: { tcp: 80, often: true } }, 'UNKNOWN_ATTRIBUTE'],
    [{ run_twice: true }, 'UNKNOWN_ATTRIBUTE'],
    [{ bind_owner: 'me' }, 'INVALID_VALUE'],
    [{ bind_owner: 1000 }, 'INVALID_TYPE'],
    [{ publish: 'nobody' }, 'INVALID_VALUE'],
    [{ egress: ['fd00::2:80'] }, 'INVALID_EGRESS'],
    [{ egress: ['10.0.0.0/33'] }, 'INVALID_EGRESS'],
    [{ egress: [] }, 'INVALID_EGRESS'],
    [{ egress: null }, 'INVALID_TYPE'],
    [{ egress: '10.0.0.0/8' }, 'INVALID_TYPE'],
    ['run_once', 'INVALID_TYPE'],
  ],
})
