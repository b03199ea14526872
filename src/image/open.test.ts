import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { parsePlatform } from '../oci/platform.ts'
import { openImageStore } from './open.ts'
import { makeScratch } from './testing/fakes.ts'

test('the archive makes no image for a machine that this is not, in the place of one that may be there', async () => {
  const scratch = await makeScratch()
  onTestFinished(() => scratch.remove())
  const store = await openImageStore({ root: join(scratch.folder, 'images') })
  const platform = parsePlatform('linux/s390x')
  await expect(store.ensure('debian:bookworm', { policy: 'always', platform })).rejects.toMatchObject({
    code: 'IMAGE_NOT_FOUND',
    diagnostics: [{ detail: expect.stringContaining('linux/s390x') }],
  })
})
