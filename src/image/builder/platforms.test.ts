import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { hostArchitecture } from '../../oci/platform.ts'
import type { ImageSource } from '../store/source.ts'
import { FakeTrees, type Lab, makeLab } from '../testing/fakes.ts'
import { loadImages } from '../transfer/load.ts'
import { saveImages } from '../transfer/save.ts'
import type { BuildEvent } from './event.ts'

const own = hostArchitecture()
const [first, second] = ['arm64', 's390x', 'riscv64'].filter(each => each !== own)
const other = first ?? ''
const unknown = second ?? ''

/** Has an image of every name for every platform. */
const asked: string[] = []
const everything: ImageSource = {
  name: 'everything',
  fetch: async ({ path }, { platform }) => {
    const architecture = platform?.architecture ?? own
    asked.push(`${path} ${architecture}`)
    return {
      config: {
        os: 'linux',
        architecture,
        created: '2020-01-01T00:00:00Z',
        config: { Env: [`MADE_FOR=${architecture}`] },
        rootfs: { type: 'layers', diff_ids: [] },
        history: [],
      },
    }
  },
}

let lab: Lab
beforeEach(async () => {
  asked.length = 0
  lab = await makeLab({ sources: [everything] })
})
afterEach(() => lab.remove())

async function built(
  text: string,
  platform: string,
): Promise<{ architecture: string; env: readonly string[] }> {
  const { imageId } = await lab.build(text, {
    platforms: [platform].filter(each => each !== ''),
    emulated: [other],
  })
  const { architecture, config } = await lab.store.inspect(imageId)
  return { architecture, env: config.Env ?? [] }
}

test('an image for a platform that is emulated is of it, and its ARGs say so', async () => {
  const text = `FROM base
ARG TARGETPLATFORM
ARG TARGETARCH
ARG BUILDPLATFORM
ENV SEEN="$TARGETPLATFORM $TARGETARCH $BUILDPLATFORM"`
  const { architecture, env } = await built(text, `linux/${other}`)
  expect(architecture).toBe(other)
  expect(env).toContain(`SEEN=linux/${other} ${other} linux/${own}`)
  expect(env).toContain(`MADE_FOR=${other}`)
  expect((await built('FROM scratch\nENV A=1', `linux/${other}`)).architecture).toBe(other)
})

test('stages may be for the machine that builds, whose work the image takes', async () => {
  const text = `FROM --platform=$BUILDPLATFORM tool AS tool
ARG TARGETARCH
RUN write /made for $TARGETARCH
FROM base
COPY --from=tool /made /made`
  expect((await built(text, `linux/${other}`)).architecture).toBe(other)
  expect(asked.sort()).toEqual([`library/base ${other}`, `library/tool ${own}`].sort())
})

test('an image that is here for another platform is not taken for it', async () => {
  await built('FROM base', `linux/${own}`)
  expect(await built('FROM base', `linux/${other}`)).toMatchObject({ architecture: other })
  expect(await built('FROM base', `linux/${other}`)).toMatchObject({ architecture: other })
  expect(asked).toEqual([`library/base ${own}`, `library/base ${other}`])
})

test('a RUN that this machine cannot run is refused at its line before anything is done', async () => {
  for (const [text, platform] of [
    ['FROM base\nRUN true', `linux/${unknown}`],
    [`FROM --platform=linux/${unknown} base AS first\nFROM first\nRUN true`, ''],
    ['FROM base\nRUN true', `windows/${other}`],
  ] as const)
    await expect(
      lab.build(text, { platforms: platform === '' ? [] : [platform], emulated: [other] }),
    ).rejects.toMatchObject({
      code: 'PLATFORM_UNSUPPORTED',
      diagnostics: [{ range: { start: { line: text.split('\n').length } } }],
    })
  expect(lab.runner.requests).toEqual([])
})

test('files are copied into an image for a platform of which this machine runs nothing', async () => {
  const text = `FROM --platform=$BUILDPLATFORM tool AS tool
ARG TARGETARCH
RUN write /made for $TARGETARCH
FROM scratch
COPY --from=tool /made /made`
  expect((await built(text, `linux/${unknown}`)).architecture).toBe(unknown)
})

describe('a build for several platforms', () => {
  const text = `FROM --platform=$BUILDPLATFORM tool AS tool
RUN write /made once
FROM scratch
ARG TARGETARCH
COPY --from=tool /made /made
ENV MADE_FOR=$TARGETARCH`
  const platforms = [`linux/${other}`, `linux/${own}`]
  const tags = ['app:1', 'app:2']

  test('makes an image for each under one name, which is listed once and means that of this machine', async () => {
    const { imageId, imageIds } = await lab.build(text, { platforms, tags })
    const images = await lab.store.platformsOf('app:1')
    expect(images.map(({ id, architecture }) => [id, architecture])).toEqual([
      [imageIds[1], own],
      [imageIds[0], other],
    ])
    expect(imageId).toBe(imageIds[1])
    expect((await lab.store.resolve('app:2', { os: 'linux', architecture: other }))?.id).toBe(imageIds[0])
    const listed = (await lab.store.list()).filter(({ repoTags }) => repoTags.includes('app:1'))
    expect(listed).toMatchObject([{ id: imageId, otherPlatforms: [imageIds[0]] }])
    expect((await lab.store.list()).map(({ id }) => id)).not.toContain(imageIds[0])
  })

  test('runs what its platforms have in common once, also without the cache', async () => {
    await lab.build(text, { platforms, tags, noCache: true })
    expect(lab.runner.requests).toHaveLength(1)
  })

  test('numbers its steps through, and says of the file once what there is to say', async () => {
    const events: BuildEvent[] = []
    await lab.build(`${text}\nMAINTAINER me`, { platforms, onEvent: event => events.push(event) })
    const steps = events.filter(event => event.type === 'step')
    expect(steps.map(({ step }) => step)).toEqual(Array.from({ length: 14 }, (_, at) => at + 1))
    expect(events.filter(event => event.type === 'warning')).toHaveLength(1)
  })

  test('goes with its last name, and with all its images', async () => {
    const { imageIds } = await lab.build(text, { platforms, tags })
    await lab.store.tag('app:1', 'copy:1')
    expect(await lab.store.platformsOf('copy:1')).toHaveLength(2)
    expect((await lab.store.prune()).removals).toEqual([])
    for (const name of ['app:1', 'app:2']) expect(await lab.store.remove(name)).toEqual([{ untagged: name }])
    const removals = await lab.store.remove('copy:1')
    expect(removals.slice(0, 3)).toEqual([
      { untagged: 'copy:1' },
      ...imageIds.toReversed().map(deleted => ({ deleted })),
    ])
    await lab.store.prune({ all: true })
    await lab.store.pruneCache()
    for (const folder of ['layers', 'configs', 'facts'])
      expect(await readdir(join(lab.store.root, folder))).toEqual([])
  })

  test('leaves what was for another platform without a name when it is built for one alone', async () => {
    const { imageIds } = await lab.build(text, { platforms, tags: ['app:1'] })
    await lab.build(text, { tags: ['app:1'] })
    expect(await lab.store.platformsOf('app:1')).toHaveLength(1)
    expect((await lab.store.prune()).removals).toContainEqual({ deleted: imageIds[0] })
  })

  test('is saved and loaded whole, as an index', async () => {
    const { imageIds } = await lab.build(text, { platforms, tags: ['app:1'] })
    const [id = '', ...otherPlatforms] = imageIds.toReversed()
    const pieces: Buffer[] = []
    for await (const piece of saveImages(lab.store, [{ id, tags: ['app:1'], otherPlatforms }]))
      pieces.push(piece)
    const fresh = await makeLab({ sources: [], trees: new FakeTrees() })
    try {
      await loadImages(Readable.from(pieces), { store: fresh.store })
      expect((await fresh.store.platformsOf('app:1')).map(image => image.id)).toEqual([id, ...otherPlatforms])
    } finally {
      await fresh.remove()
    }
  })
})
