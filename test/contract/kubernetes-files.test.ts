// What is written is what was meant: read again as YAML, by kubectl, by kustomize, and as a chart that is filled in.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import {
  converted,
  FIXTURES,
  objectsIn,
  type Read,
  readObjects,
  writtenAs,
} from '../../src/deploy/kubernetes/converted.test-support.ts'
import { objectsOf } from '../../src/deploy/kubernetes/index.ts'
import { GO_FUNCTIONS, parseTemplate } from '../../src/go-template/index.ts'
import { program, requires } from '../requires.ts'

const folder = mkdtempSync(join(tmpdir(), 'tscompose-kubernetes-'))
afterAll(() => rmSync(folder, { recursive: true }))

function writeAll(name: string, files: ReadonlyMap<string, string>): string {
  const root = join(folder, name)
  for (const [path, text] of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return root
}

/** With keys in one order, whoever wrote them. */
function sortedText(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}

const byText = (a: Read, b: Read): number => (sortedText(a) < sortedText(b) ? -1 : 1)

const byLabel = (a: Read, b: Read): number =>
  `${a.kind} ${a.metadata.name}` < `${b.kind} ${b.metadata.name}` ? -1 : 1

test.each(FIXTURES)('%s reads as it was', name => {
  expect(objectsIn(name)).toEqual(JSON.parse(JSON.stringify(objectsOf(converted(name)))))
})

requires(program('kubectl')).describe('kubectl', () => {
  test('reads all manifests as they were', { timeout: 60_000 }, () => {
    for (const name of FIXTURES) writeAll(`manifests/${name}`, writtenAs(name, 'manifests'))
    // Nothing of this asks a server. Once for all: a start of it takes long.
    const flags = ['label', '--local', '-R', '-f', join(folder, 'manifests'), '-o', 'json', 'read=1']
    const text = execFileSync('kubectl', flags, { encoding: 'utf8', maxBuffer: 2 ** 26 })
    const read = text
      .split(/^(?=\{$)/m)
      .filter(part => part.trim() !== '')
      .map(part => JSON.parse(part) as Read)
      .map(object => {
        const { read: _, ...labels } = object.metadata.labels ?? {}
        return { ...object, metadata: { ...object.metadata, labels } }
      })
    expect(read.sort(byText)).toEqual(FIXTURES.flatMap(objectsIn).sort(byText))
  })

  test.each([
    'hooks.yaml',
    'lamp.yaml',
    'names.yaml',
  ])('has kustomize make the same of the base of %s', name => {
    const root = writeAll(`base/${name}`, writtenAs(name, 'kustomize'))
    const text = execFileSync('kubectl', ['kustomize', root], { encoding: 'utf8' })
    expect(readObjects(text).sort(byLabel)).toEqual(objectsIn(name).sort(byLabel))
  })
})

/** Plain data with maps in place of objects, as Go has it. */
function mapOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  return new Map(Object.entries(value).map(([key, inner]) => [key, mapOf(inner)]))
}

/** A template as Helm fills it in: its functions that we use are Go's own. */
function filledIn(text: string, data: object): string {
  return parseTemplate({ name: 'template', text }, GO_FUNCTIONS).execute(mapOf(data))
}

describe('a chart', () => {
  test.each(
    FIXTURES,
  )('of %s, filled in with its own values, is the manifests without their namespace', name => {
    const files = writtenAs(name, 'helm')
    const values = parse(files.get('values.yaml') ?? '') as object
    const texts = [...files].filter(([path]) => path.startsWith('templates/')).map(([, text]) => text)
    const filled = texts.flatMap(text =>
      readObjects(filledIn(text, { Values: values ?? {}, Release: { Namespace: 'shop' } })),
    )
    const plain = objectsIn(name)
      .filter(({ kind }) => kind !== 'Namespace')
      .map(({ metadata: { namespace: _, ...metadata }, ...object }) => ({ ...object, metadata }) as Read)
      .map(object =>
        object.kind === 'RoleBinding'
          ? {
              ...object,
              subjects: (object['subjects'] as object[]).map(each => ({ ...each, namespace: 'shop' })),
            }
          : object,
      )
    expect(filled.sort(byLabel)).toEqual(plain.sort(byLabel))
  })

  test('has images, replicas and sizes as values', () => {
    const values = parse(writtenAs('migrate.yaml', 'helm').get('values.yaml') ?? '') as object
    expect(values).toMatchObject({
      services: { api: { replicas: 3, image: 'registry.example/app:2' } },
      volumes: { 'shop-pg': { size: '20Gi', storageClass: 'fast' } },
    })
  })
})

test('secrets are in a file of their own', () => {
  const files = writtenAs('lamp.yaml', 'manifests')
  const holding = [...files].filter(([, text]) => text.includes(Buffer.from('hunter2\n').toString('base64')))
  expect(holding.map(([path]) => path)).toEqual(['01-secrets.yaml'])
})
