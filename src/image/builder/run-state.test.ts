import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeScratch, type Scratch } from '../testing/fakes.ts'
import { mergedTreeOf } from './run-state.ts'

let scratch: Scratch
beforeEach(async () => {
  scratch = await makeScratch()
})
afterEach(() => scratch.remove())

test('a folder hides what is below it also under a layer that is there twice', async () => {
  const at = (name: string): string => join(scratch.folder, name)
  for (const folder of ['below/d', 'hiding/d', 'twice']) await mkdir(at(folder), { recursive: true })
  await writeFile(at('below/d/old'), '')
  await writeFile(at('hiding/d/new'), '')
  const stack = ['below', 'hiding', 'twice', 'twice']
  const tree = await mergedTreeOf(
    {
      folders: async diffIds => [...new Set(diffIds.toReversed())].map(at),
      layerInfo: async diffId => ({ diffId, size: 0, entries: 0, opaque: diffId === 'hiding' ? ['d'] : [] }),
    },
    stack,
  )
  expect(await tree.list('/d')).toEqual(['new'])
})
