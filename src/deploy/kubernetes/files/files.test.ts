// Which files there are, by which names, and what a chart looks up.
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { convertText } from '../convert-text.test-support.ts'
import { filesOf, type OutputFormat } from './files.ts'

const written = (text: string, format: OutputFormat): ReadonlyMap<string, string> =>
  new Map(filesOf(convertText(text), format).map(each => [each.path, each.text]))

test.each([
  ['manifests', ['kustomization.service.yaml']],
  ['kustomize', ['kustomization.yaml', 'kustomization.service.yaml']],
  ['helm', ['templates/kustomization.service.yaml']],
] as const)('a service called kustomization is in no list of kustomize: %s', (format, expected) => {
  const files = filesOf(convertText('services: {kustomization: {image: x}}'), format)
  const paths = files.map(({ path }) => path)
  expect(new Set(paths).size).toBe(paths.length)
  expect(paths.filter(path => path.includes('kustomization'))).toEqual(expected)
  if (format !== 'kustomize') return
  const { resources } = parse(files[0]?.text ?? '') as { readonly resources: readonly string[] }
  expect(resources).toContain('kustomization.service.yaml')
})

describe('values of a chart', () => {
  test('of services in one pod are each their own', () => {
    const chart = written(
      `services:
  a: {image: x, ports: ["1:80"], x-tscompose-kubernetes: {publish: ingress, host: a.example}}
  b: {image: y, pid: "service:a", ports: ["2:81"], x-tscompose-kubernetes: {publish: ingress, host: b.example}}
`,
      'helm',
    )
    expect(parse(chart.get('values.yaml') ?? '')).toMatchObject({
      services: { a: { host: 'a.example', 'host-b': 'b.example' } },
    })
    expect(chart.get('templates/a.yaml')).toContain('"host-b"')
  })

  test('of a service called as what every object of JavaScript has are there', () => {
    const chart = written('services: {constructor: {image: x}}', 'helm')
    expect(parse(chart.get('values.yaml') ?? '')).toMatchObject({
      services: { constructor: { image: 'x', replicas: 1 } },
    })
  })
})
