import { afterEach, beforeEach, expect, test } from 'vitest'
import { hostArchitecture } from '../../oci/platform.ts'
import type { ImageSource } from '../store/source.ts'
import { type Lab, makeLab } from '../testing/fakes.ts'

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
  const { imageId } = await lab.build(text, { platform, emulated: [other] })
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

test('a platform of which this machine runs nothing is refused', async () => {
  for (const [text, platform] of [
    ['FROM base', `linux/${unknown}`],
    [`FROM --platform=linux/${unknown} base`, ''],
    ['FROM base', `windows/${other}`],
  ] as const)
    await expect(lab.build(text, { platform, emulated: [other] })).rejects.toMatchObject({
      code: 'PLATFORM_UNSUPPORTED',
    })
  expect(asked).toEqual([])
})
