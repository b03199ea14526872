import { describe, expect, test } from 'vitest'
import { convertText } from '../convert-text.test-support.ts'

const refused = (text: string, options = {}): string[] =>
  convertText(text, options).refusals.map(
    ({ code, range, path }) => `${code} ${range?.start.line ?? '?'} ${path ?? '?'}`,
  )
const ofService = (values: string): string[] =>
  refused(`services:\n  a:\n    image: x\n    x-tscompose-kubernetes: ${values}\n`)

describe('what Kubernetes does not take is refused with its line:', () => {
  test.each([
    ['host', '{host: "Bad_Host"}'],
    ['host', '{host: "10.0.0.1"}'],
    ['host', '{host: "a.*.example"}'],
    ['path', '{path: nopath}'],
    ['path', '{path: "/a//b"}'],
    ['path', '{path: "/a/.."}'],
    ['path', '{path: "/a%2Fb"}'],
    ['path', '{path: "/a b"}'],
    ['gateway', '{gateway: a/b/c}'],
    ['ingress_class', '{ingress_class: My Class}'],
    ['tls_secret', '{tls_secret: a_b}'],
    ['service_account', '{service_account: -a}'],
    ['image_pull_secrets[1]', '{image_pull_secrets: [a, B]}'],
    ['node_selector.pool', '{node_selector: {pool: "a b"}}'],
  ])('%s of %s', (path, values) => {
    expect(ofService(values)).toEqual([`KUBERNETES_VALUE 4 services.a.x-tscompose-kubernetes.${path}`])
  })

  test('what is meant for the whole project, and for volumes', () => {
    const text = `services: {a: {image: x, volumes: ["data:/v"]}}
x-tscompose-kubernetes: {host: a_b}
volumes: {data: {x-tscompose-kubernetes: {storage_class: A}}}
`
    expect(refused(text)).toEqual([
      'KUBERNETES_VALUE 2 x-tscompose-kubernetes.host',
      'KUBERNETES_VALUE 3 volumes.data.x-tscompose-kubernetes.storage_class',
    ])
  })

  test('options, which have no line', () => {
    expect(refused('services: {a: {image: x}}', { host: 'a_b' })).toEqual(['KUBERNETES_VALUE ? ?'])
  })
})

test('what it takes is not', () => {
  expect(
    ofService(
      '{host: "*.shop.example", path: "/a.b/%C3%A4/", gateway: infra/public, node_selector: {example.org/pool: ""}}',
    ),
  ).toEqual([])
})
