import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { renderJson, renderYaml } from '../../src/cli/commands/config/render.ts'
import type { ComposeModel } from '../../src/model/index.ts'
import { load } from '../../src/parser/index.ts'
import { serviceHash } from '../../src/planner/index.ts'

function model(text: string): ComposeModel {
  const result = load({
    files: [{ name: '/p/c.yaml', text }],
    workingDir: '/p',
    projectName: 'p',
    env: { HOME: '/h' },
  })
  expect(result.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
  expect(result.project).toBeDefined()
  return result.project?.model ?? { name: '', services: {} }
}

const name = fc.stringMatching(/^[a-z][a-z0-9_-]{1,8}$/)
const word = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.constantFrom('yes', '1.0', '$x', '22:22', '#', '- a', 'a: b', ''),
)
const pairs = fc.dictionary(fc.stringMatching(/^[A-Z][A-Z0-9_]{1,6}$/), word, { noNullPrototype: true })

/** The same service twice: as maps and long forms in one order, as lists and short forms in another. */
const services = fc
  .record({
    environment: pairs,
    labels: pairs,
    dependencies: fc.uniqueArray(name, { maxLength: 3 }),
    ports: fc.uniqueArray(fc.integer({ min: 1, max: 65_535 }), { maxLength: 3 }),
    memory: fc.integer({ min: 6, max: 4096 }),
    command: fc.array(word, { maxLength: 3 }),
  })
  .map(given => {
    // A dollar is doubled, so that it stands for itself.
    const text = (value: string): string => value.replaceAll('$', '$$$$')
    const list = (values: Record<string, string>): string[] =>
      Object.entries(values).map(([key, value]) => `${key}=${text(value)}`)
    const map = (values: Record<string, string>): Record<string, string> =>
      Object.fromEntries(Object.entries(values).map(([key, value]) => [key, text(value)]))
    const long = {
      image: 'x',
      environment: map(given.environment),
      labels: map(given.labels),
      depends_on: Object.fromEntries(
        given.dependencies.map(each => [each, { condition: 'service_started' }]),
      ),
      ports: given.ports.map(port => ({ target: port, published: port, protocol: 'tcp' })),
      mem_limit: given.memory * 1024 * 1024,
      command: given.command.map(text),
    }
    const short = {
      command: long.command,
      mem_limit: `${given.memory}m`,
      ports: given.ports.map(port => `${port}:${port}`),
      depends_on: given.dependencies,
      labels: list(given.labels).reverse(),
      environment: list(given.environment).reverse(),
      image: 'x',
    }
    const others = Object.fromEntries(given.dependencies.map(each => [each, { image: 'y' }]))
    return { long, short, others }
  })

test('JSON leaves 0 out of limits as Docker does, YAML keeps it', () => {
  const loaded = model('services: {a: {image: x, ulimits: {core: 0, nofile: {soft: 0, hard: 2}}}}')
  expect(JSON.parse(renderJson(loaded)).services.a.ulimits).toEqual({ core: {}, nofile: { hard: 2 } })
  expect(model(renderYaml(loaded))).toEqual(loaded)
})

describe('for any project', () => {
  test('config of config is the same model, as JSON and as YAML', () => {
    fc.assert(
      fc.property(services, ({ long, others }) => {
        const first = model(JSON.stringify({ services: { ...others, self: long } }))
        expect(model(renderJson(first))).toEqual(first)
        expect(model(renderYaml(first))).toEqual(first)
      }),
      { numRuns: 60 },
    )
  })

  test('neither the order of keys nor the form changes the model or its hash', () => {
    fc.assert(
      fc.property(services, ({ long, short, others }) => {
        const a = model(JSON.stringify({ services: { ...others, self: long } }))
        const b = model(JSON.stringify({ services: { self: short, ...others } }))
        expect(b).toEqual(a)
        const [first, second] = [a.services['self'], b.services['self']]
        if (first && second) expect(serviceHash(second)).toBe(serviceHash(first))
      }),
      { numRuns: 60 },
    )
  })

  test('no text makes the loader throw', () => {
    const parts = fc.constantFrom(
      'services:',
      '\n',
      '  ',
      'a:',
      ' image: x',
      '- ',
      '[',
      '{',
      '"',
      '&a ',
      '*a',
      '<<: ',
      '!reset ',
      '${',
      '}',
      '|',
      '#',
      '\t',
      'ports',
      ': ',
    )
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 40 }), texts => {
        const text = texts.join('')
        const result = load({ files: [{ name: '/c', text }], workingDir: '/', projectName: 'p', env: {} })
        expect(result.project !== undefined || result.diagnostics.length > 0).toBe(true)
      }),
      { numRuns: 500 },
    )
  })
})
