import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Lab, makeLab } from '../testing/fakes.ts'
import type { BuildOptions } from './options.ts'

let lab: Lab
beforeEach(async () => {
  lab = await makeLab()
})
afterEach(() => lab.remove())

const FILE = 'FROM scratch\nARG TOKEN\nRUN say $TOKEN'

async function said(options: Partial<BuildOptions>): Promise<readonly string[]> {
  const { imageId } = await lab.build(FILE, { args: { TOKEN: 'very-secret' }, ...options })
  return (await lab.store.predicatesOf(imageId)).map(({ bytes }) => Buffer.from(bytes).toString())
}

test('nothing is said of an image that nobody asked about', async () => {
  expect(await said({})).toEqual([])
})

test('values of arguments and the Dockerfile are in the provenance only in mode max, contents of secrets never', async () => {
  const secrets = { key: Buffer.from('content-of-key') }
  const [min = ''] = await said({ provenance: 'min', secrets })
  expect(min).not.toMatch(/very-secret|TOKEN|"data"/)
  expect(JSON.parse(min)).toMatchObject({
    buildDefinition: { externalParameters: { configSource: { path: 'Dockerfile' } } },
  })
  const [max = ''] = await said({ provenance: 'max', secrets })
  expect(JSON.parse(max)).toMatchObject({
    buildDefinition: {
      externalParameters: { request: { args: { TOKEN: 'very-secret' }, secrets: [{ id: 'key' }] } },
      internalParameters: { source: { data: Buffer.from(FILE).toString('base64') } },
    },
  })
  expect(max).not.toContain('content-of-key')
})

test('what the last build says counts, and it goes with the image', async () => {
  expect(await said({ provenance: 'min', sbom: true })).toHaveLength(2)
  expect(await said({ sbom: true })).toHaveLength(1)
  await lab.store.prune()
  await lab.build('FROM scratch\nLABEL a=b', { sbom: true, tags: ['kept'] })
  await lab.store.prune()
  expect(await lab.store.predicatesOf('kept')).toHaveLength(1)
  expect(await said({})).toEqual([])
})
