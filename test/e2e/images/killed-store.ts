import { createReadStream } from 'node:fs'
import { loadImages, nativeTrees, openImageStore } from '../../../src/image/index.ts'
import { createNative } from '../../../src/native/index.ts'

// Changes a store until it is killed: loads an archive, tags it, takes it away again, prunes. Says a word at each round.
const [root = '', archive = ''] = process.argv.slice(2)
const trees = nativeTrees(createNative())
for (;;) {
  process.stdout.write('round\n')
  const store = await openImageStore({ root, trees })
  for (const { id } of await loadImages(createReadStream(archive), { store })) {
    await store.tag(id, 'again:1')
    await store.remove('again:1')
    await store.remove(id, { force: true })
  }
  await store.prune({ all: true })
}
