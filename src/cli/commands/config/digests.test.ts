import { describe, expect, test } from 'vitest'
import { failure } from '../../../diagnostics/index.ts'
import { canonicalReference } from '../../../oci/reference.ts'
import { type LoadResult, load } from '../../../parser/index.ts'
import { type ConfigFlags, readConfigOptions } from './options.ts'
import { runConfig } from './show.ts'
import { NO_FLAGS } from './testing/no-flags.ts'

const A = `sha256:${'a'.repeat(64)}`
const B = `sha256:${'b'.repeat(64)}`
const FILE = `services:
  tagged: {image: "localhost:5000/app:v1"}
  same: {image: "localhost:5000/app:v1"}
  hub: {image: debian}
  pinned: {image: "app:v1@${B}"}
  built: {build: .}
`

async function config(text: string, flags: Partial<ConfigFlags>) {
  const asked: string[] = []
  const reported: LoadResult[] = []
  let printed = ''
  const status = await runConfig(readConfigOptions({ ...NO_FLAGS, ...flags }, []), {
    load: ({ load: options }) =>
      load({ files: [{ name: '/p/compose.yaml', text }], workingDir: '/p', env: {}, options }),
    report: result => void reported.push(result),
    out: output => {
      printed += output
    },
    resolveDigest: async reference => {
      asked.push(canonicalReference(reference))
      if (reference.path === 'library/none') throw failure({ code: 'REGISTRY_NOT_FOUND', summary: 'none' })
      return A
    },
  })
  return { status, asked, printed, diagnostics: reported.flatMap(({ diagnostics }) => diagnostics) }
}

test('--resolve-image-digests writes full names with digests; what is only built stays', async () => {
  const { status, printed } = await config(FILE, { resolveImageDigests: true, format: 'json' })
  expect(status).toBe(0)
  const { services } = JSON.parse(printed)
  expect(services.tagged.image).toBe(`localhost:5000/app:v1@${A}`)
  expect(services.hub.image).toBe(`docker.io/library/debian:latest@${A}`)
  expect(services.pinned.image).toBe(`docker.io/library/app@${B}`)
  expect(services.built.image).toBeUndefined()
})

test('each name is asked for once, one with a digest never', async () => {
  const { asked } = await config(FILE, { resolveImageDigests: true })
  expect(asked.sort()).toEqual(['docker.io/library/debian:latest', 'localhost:5000/app:v1'])
})

test('--lock-image-digests prints an override file of nothing else', async () => {
  const { printed } = await config(FILE, { lockImageDigests: true })
  expect(printed).toBe(`services:
  built: {}
  hub:
    image: docker.io/library/debian:latest@${A}
  pinned:
    image: docker.io/library/app@${B}
  same:
    image: localhost:5000/app:v1@${A}
  tagged:
    image: localhost:5000/app:v1@${A}
`)
})

test('the lock file over the file itself is the project with its digests', async () => {
  const { printed: lock } = await config(FILE, { lockImageDigests: true })
  const { printed: resolved } = await config(FILE, { resolveImageDigests: true, format: 'json' })
  const both = load({
    files: [
      { name: '/p/compose.yaml', text: FILE },
      { name: '/p/lock.yaml', text: lock },
    ],
    workingDir: '/p',
    env: {},
  })
  const images = (services: Readonly<Record<string, { image?: string }>>) =>
    Object.fromEntries(Object.entries(services).map(([name, { image }]) => [name, image]))
  expect(images(both.project?.model.services ?? {})).toEqual(images(JSON.parse(resolved).services))
})

test('with --no-interpolate the merged files are pinned', async () => {
  const { printed } = await config(FILE, { resolveImageDigests: true, noInterpolate: true })
  expect(printed).toContain(`image: localhost:5000/app:v1@${A}`)
})

test('lists of names ask nobody', async () => {
  const { asked, printed } = await config(FILE, { resolveImageDigests: true, images: true })
  expect(asked).toEqual([])
  expect(printed).toContain('localhost:5000/app:v1\n')
})

describe('what cannot be had', () => {
  const file = 'services:\n  a: {image: none}\n  b: {image: BAD}\n  c: {image: fine}\n'

  test.each([
    { resolveImageDigests: true },
    { lockImageDigests: true },
    { resolveImageDigests: true, quiet: true },
  ])('is told with every place, and nothing is printed: %j', async flags => {
    const { status, printed, diagnostics } = await config(file, flags)
    expect(status).toBe(1)
    expect(printed).toBe('')
    expect(diagnostics).toMatchObject([
      { code: 'REGISTRY_NOT_FOUND', path: 'services.a.image', range: { start: { line: 2 } } },
      { code: 'REFERENCE_INVALID', path: 'services.b.image', range: { start: { line: 3 } } },
    ])
  })
})
