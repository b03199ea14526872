import { describeAttribute } from './attribute.ts'

describeAttribute('x-tscompose-kubernetes', {
  forms: [
    [{ kind: 'job' }, { kind: 'job' }],
    [
      { publish: 'gateway', gateway: 'infra/main', host: 'a.example', path: '/a' },
      { publish: 'gateway', gateway: 'infra/main', host: 'a.example', path: '/a' },
    ],
    [
      { ingress_class: 'nginx', tls_secret: 'cert', service_account: 'web', binds: 'node' },
      { ingress_class: 'nginx', tls_secret: 'cert', service_account: 'web', binds: 'node' },
    ],
    [
      { node_selector: { pool: 1 }, annotations: { 'a/b': 'c' }, image_pull_secrets: ['x'] },
      { node_selector: { pool: '1' }, annotations: { 'a/b': 'c' }, image_pull_secrets: ['x'] },
    ],
    [null, undefined],
  ],
  merges: [
    [{ kind: 'job' }, { binds: 'none' }, { kind: 'job', binds: 'none' }],
    [{ publish: 'none' }, { publish: 'ingress' }, { publish: 'ingress' }],
    [{ node_selector: { a: '1' } }, { node_selector: { b: '2' } }, { node_selector: { a: '1', b: '2' } }],
  ],
  invalid: [
    [{ kind: 'pod' }, 'INVALID_VALUE'],
    [{ publish: 'everywhere' }, 'INVALID_VALUE'],
    [{ replicas: 2 }, 'UNKNOWN_ATTRIBUTE'],
    [{ host: 1 }, 'INVALID_TYPE'],
    ['job', 'INVALID_TYPE'],
  ],
})
