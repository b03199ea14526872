import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Failure } from '../../diagnostics/index.ts'
import { RegistryClient } from '../../image/registry/index.ts'
import { RegistryDouble } from '../../image/testing/registry.ts'
import type { RemoteFile } from '../../parser/index.ts'
import { RemoteCache } from '../cache.ts'
import { fetchOci } from './fetch.ts'

const FILE = 'application/vnd.docker.compose.file+yaml'
const ENV_FILE = 'application/vnd.docker.compose.envfile'
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
const INDEX = 'application/vnd.oci.image.index.v1+json'
const PROJECT = 'application/vnd.docker.compose.project'

let folder: string
let registry: RegistryDouble

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tscompose-oci-'))
  registry = await RegistryDouble.start()
})

afterEach(async () => {
  await registry.close()
  rmSync(folder, { recursive: true, force: true })
})

function layer(content: string, annotations: Readonly<Record<string, string>>, mediaType = FILE) {
  return { mediaType, ...registry.addBlob(content), annotations }
}

function publish(tag: string, layers: readonly object[], fields: object = { artifactType: PROJECT }): string {
  return registry.addManifest('team/app', tag, { mediaType: MANIFEST, ...fields, layers })
}

function fetch(tag: string): Promise<RemoteFile> {
  const name = `${registry.domain}/team/app:${tag}`
  const client = new RegistryClient({ credentials: async () => undefined })
  const context = { cache: new RemoteCache(join(folder, 'cache')), registry: client }
  return fetchOci({ kind: 'oci', text: `oci://${name}`, name }, context)
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  return error instanceof Failure ? error.code : String(error)
}

test('the Compose files become documents of one; what they name stands beside it', async () => {
  const digest = publish('v1', [
    layer('services: {web: {image: a}}', { 'com.docker.compose.file': 'compose.yaml' }),
    layer('services: {web: {image: b}}', { 'com.docker.compose.file': 'over.yaml' }),
    layer('base: 1', { 'com.docker.compose.extends': 'true', 'com.docker.compose.file': 'abc.yaml' }),
    layer('A=1', { 'com.docker.compose.envfile': 'abc.env' }, ENV_FILE),
  ])
  const { path, root } = await fetch('v1')
  expect(root).toBe(join(folder, 'cache', 'oci', digest.slice('sha256:'.length)))
  expect(path).toBe(join(root, 'compose.yaml'))
  expect(readFileSync(path, 'utf8')).toBe('services: {web: {image: a}}\n---\nservices: {web: {image: b}}')
  expect(readFileSync(join(root, 'abc.yaml'), 'utf8')).toBe('base: 1')
  expect(readFileSync(join(root, 'abc.env'), 'utf8')).toBe('A=1')
})

test('an artefact from before artefacts had types is known by its config', async () => {
  const config = { mediaType: 'application/vnd.docker.compose.config.empty.v1+json' }
  publish('old', [layer('services: {}', {})], { config })
  expect(readFileSync((await fetch('old')).path, 'utf8')).toBe('services: {}')
})

test('in an index with images, the project is chosen', async () => {
  const layers = [layer('services: {}', {})]
  const digest = publish('inner', layers)
  const image = { mediaType: MANIFEST, digest: `sha256:${'0'.repeat(64)}`, size: 1 }
  const { length: size } = JSON.stringify({ mediaType: MANIFEST, artifactType: PROJECT, layers })
  const project = { mediaType: MANIFEST, artifactType: PROJECT, digest, size }
  registry.addManifest('team/app', 'all', { mediaType: INDEX, manifests: [image, project] })
  expect(readFileSync((await fetch('all')).path, 'utf8')).toBe('services: {}')
})

test('what is here already is not fetched again, but for its manifest', async () => {
  publish('v1', [layer('services: {}', {})])
  await fetch('v1')
  registry.requests.length = 0
  await fetch('v1')
  expect(registry.requests).toEqual(['GET /v2/team/app/manifests/v1'])
})

describe('is refused', () => {
  test('an image', async () => {
    publish('image', [], { config: { mediaType: 'application/vnd.oci.image.config.v1+json' } })
    expect(await codeOf(fetch('image'))).toBe('REMOTE_NOT_COMPOSE')
  })

  test('an index of images', async () => {
    registry.addManifest('team/app', 'images', { mediaType: INDEX, manifests: [] })
    expect(await codeOf(fetch('images'))).toBe('REMOTE_NOT_COMPOSE')
  })

  test('an artefact without a Compose file', async () => {
    publish('none', [layer('A=1', { 'com.docker.compose.envfile': 'a.env' }, ENV_FILE)])
    expect(await codeOf(fetch('none'))).toBe('REMOTE_NOT_COMPOSE')
  })

  test.each([
    '../evil.env',
    '/etc/evil.env',
    'a/../../evil.env',
    '',
    '.',
    'compose.yaml',
  ])('a file that is to be written to %j, and nothing stays', async name => {
    publish('evil', [
      layer('services: {}', {}),
      layer('A=1', { 'com.docker.compose.envfile': name }, ENV_FILE),
    ])
    expect(await codeOf(fetch('evil'))).toBe('REMOTE_PATH_OUTSIDE')
    expect(readdirSync(join(folder, 'cache'))).toEqual(['tmp'])
    expect(readdirSync(join(folder, 'cache', 'tmp'))).toEqual([])
  })

  test('a layer with other bytes than its digest says', async () => {
    const file = layer('services: {}', {})
    registry.falsify(file.digest, 'services: {evil: {image: e}}')
    publish('false', [file])
    expect(await codeOf(fetch('false'))).toBe('REGISTRY_ANSWER')
  })

  test('a tag that is not there', async () => {
    expect(await codeOf(fetch('none'))).toBe('REGISTRY_NOT_FOUND')
  })

  test('a registry that does not answer', async () => {
    await registry.close()
    expect(await codeOf(fetch('v1'))).toBe('REMOTE_UNREACHABLE')
  })
})
