// Every object of every fixture, as it is written, against the schemas of Kubernetes itself, of several versions.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import { present, requires } from '../../../test/requires.ts'
import { FIXTURES, objectsIn, type Read } from './converted.test-support.ts'

const TOOLS = 'node_modules/.tools'
const GATEWAY = join(TOOLS, 'gateway-api-2/node_modules/@kubernetes-models/gateway-api')
const modelsOf = (version: number): string =>
  join(TOOLS, `kubernetes-models-${version}/node_modules/kubernetes-models`)

/** The file of a kind, without its ending. */
function pathOf(models: string, { apiVersion, kind }: Read): string {
  const root = apiVersion.startsWith('gateway.') ? GATEWAY : models
  return join(root, apiVersion, kind)
}

interface Model {
  validate(): void
}

/** What the schema has against an object; undefined where nothing. */
async function refusalOf(models: string, object: Read): Promise<string | undefined> {
  const path = pathOf(models, object)
  const file = [`${path}.mjs`, `${path}.js`].find(each => existsSync(each))
  if (file === undefined) return `${object.apiVersion} ${object.kind} is not known`
  const module = (await import(pathToFileURL(file).href)) as Readonly<
    Record<string, new (data: object) => Model>
  >
  const { [object.kind]: Kind } = module
  if (Kind === undefined) return `${file} has no ${object.kind}`
  try {
    new Kind(object).validate()
    return undefined
  } catch (error) {
    return `${object.kind} ${object.metadata.name}: ${error instanceof Error ? error.message : String(error)}`
  }
}

/** Fields that a version does not have, and what it does with them instead: it ignores them. */
const LATER: Readonly<Record<number, readonly string[]>> = { 3: ['image', 'endPort'], 4: [], 5: [] }

requires(
  ...[3, 4, 5].map(version => present(`kubernetes-models ${version}`, modelsOf(version))),
  present('gateway-api', GATEWAY),
).describe('the schemas of Kubernetes', () => {
  test.each(
    [3, 4, 5].flatMap(version => FIXTURES.map(name => [version, name] as const)),
  )('of kubernetes-models %s take %s', async (version, name) => {
    const refusals = await Promise.all(objectsIn(name).map(object => refusalOf(modelsOf(version), object)))
    expect(refusals.filter(refusal => refusal !== undefined)).toEqual([])
  })

  test('refuse what is wrong', async () => {
    const [object] = objectsIn('lamp.yaml').filter(({ kind }) => kind === 'Deployment')
    const wrong = { ...object, spec: { replicas: 'many', selector: {}, template: {} } } as unknown as Read
    expect(await refusalOf(modelsOf(5), wrong)).toContain('replicas')
  })

  test.each(
    [3, 4, 5].flatMap(version => FIXTURES.map(name => [version, name] as const)),
  )('of kubernetes-models %s know every field of %s', (version, name) => {
    // Declarations of the Gateway API are written in another way.
    const objects = objectsIn(name).filter(({ kind }) => kind !== 'HTTPRoute')
    const fields = objects.flatMap(object =>
      unknownFields(pathOf(modelsOf(version), object), object.kind, object),
    )
    expect(fields.filter(field => !LATER[version]?.includes(field.split('.').at(-1) ?? ''))).toEqual([])
  })

  test('know no others', () => {
    const [object] = objectsIn('lamp.yaml').filter(({ kind }) => kind === 'Service')
    const wrong = {
      ...object,
      spec: { ports: [{ port: 80, targetport: 80 }], selektor: {} },
    } as unknown as Read
    expect(unknownFields(pathOf(modelsOf(5), wrong), 'Service', wrong)).toEqual([
      'spec.ports.targetport',
      'spec.selektor',
    ])
  })
})

/** A field's type, `Array<IIoK8sApiCoreV1Container>`. */
const FIELD = /^ {4}"([^"]+)"\??: (.+?);?$/gm

/** Paths in an object of fields that the declaration of its type, beside the schema, does not have. */
function unknownFields(path: string, type: string, value: object, above = ''): string[] {
  const text = readFileSync(`${path}.d.ts`, 'utf8')
  const body = new RegExp(`export interface I${type} [^{]*\\{([\\s\\S]*?)^\\}`, 'm').exec(text)?.[1]
  if (body === undefined) return []
  const fields = new Map([...body.matchAll(FIELD)].map(([, name = '', of = '']) => [name, of]))
  // A type of any keys, as a selector of labels within.
  if (fields.size === 0) return []
  return Object.entries(value).flatMap(([name, inner]) => {
    const at = above === '' ? name : `${above}.${name}`
    const of = fields.get(name)
    if (of === undefined) return [at]
    const [, inside] = /^(?:Array<)?(I\w+)>?$/.exec(of) ?? []
    const source =
      inside === undefined ? undefined : new RegExp(`import \\{ ${inside} \\} from "([^"]+)"`).exec(text)?.[1]
    // Of other packages come metadata and selectors, whose keys are the user's for the most part.
    if (source === undefined || !source.startsWith('.')) return []
    const target = join(dirname(path), source.replace(/\.js$/, ''))
    const values = Array.isArray(inner) ? inner : [inner]
    return values.flatMap(each =>
      typeof each === 'object' && each !== null
        ? unknownFields(target, target.split('/').at(-1) ?? '', each, at)
        : [],
    )
  })
}

describe('the fixtures', () => {
  test('have objects of every kind that a conversion makes', () => {
    const kinds = new Set(FIXTURES.flatMap(name => objectsIn(name).map(({ kind }) => kind)))
    expect([...kinds].sort()).toEqual([
      'ConfigMap',
      'DaemonSet',
      'Deployment',
      'HTTPRoute',
      'Ingress',
      'Job',
      'Namespace',
      'NetworkPolicy',
      'PersistentVolumeClaim',
      'Role',
      'RoleBinding',
      'Secret',
      'Service',
      'ServiceAccount',
      'StatefulSet',
    ])
  })
})
