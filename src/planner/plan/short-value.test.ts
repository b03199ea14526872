import { expect, test } from 'vitest'
import { shortValue } from './short-value.ts'

const port = { target: 80, published: '18999', host_ip: '127.0.0.1', protocol: 'tcp', mode: 'ingress' }
const bind = { type: 'bind', source: '/tmp', target: '/t', bind: { create_host_path: true } }

test.each<[string, unknown, string]>([
  ['mem_limit', '104857600', '100m'],
  ['deploy.resources.limits.memory', '1610612736', '1536m'],
  ['mem_limit', '1000', '1000'],
  ['environment.A', '104857600', '"104857600"'],
  ['ports[80/tcp]', port, '127.0.0.1:18999:80'],
  ['ports[80/tcp]', { target: 80, protocol: 'tcp', mode: 'ingress' }, '80'],
  ['ports[53/udp]', { target: 53, published: '53', protocol: 'udp' }, '53:53/udp'],
  ['ports[80/tcp]', { target: 80, host_ip: '::1', published: '80' }, '[::1]:80:80'],
  [
    'ports[80/tcp]',
    { ...port, name: 'web' },
    '{target: 80, published: "18999", host_ip: "127.0.0.1", protocol: tcp, mode: ingress, name: web}',
  ],
  ['volumes[/t]', bind, '/tmp:/t'],
  ['volumes[/t]', { ...bind, read_only: true }, '/tmp:/t:ro'],
  ['volumes[/t]', { type: 'volume', target: '/t', volume: {} }, '/t'],
  [
    'volumes[/t]',
    { ...bind, bind: { propagation: 'shared' } },
    '{type: bind, source: /tmp, target: /t, bind: {propagation: shared}}',
  ],
  ['volumes[/t]', { type: 'tmpfs', target: '/t' }, '{type: tmpfs, target: /t}'],
  ['tmpfs', ['/run', 'a b'], '[/run, "a b"]'],
  ['ulimits.nofile', { soft: 10, hard: 20 }, '{soft: 10, hard: 20}'],
  ['init', true, 'true'],
])('%s: %j is %s', (path, value, expected) => {
  expect(shortValue(path, JSON.stringify(value))).toBe(expected)
})

test('what is no JSON stands as it is', () => {
  expect(shortValue('image', 'sha256:12')).toBe('sha256:12')
})
