import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import { expect } from 'vitest'
import type { Diagnostic } from '../../../src/diagnostics/index.ts'
import { importImage, nativeTrees, openImageStore, saveImages } from '../../../src/image/index.ts'
import { createNative } from '../../../src/native/index.ts'
import { requires, root } from '../../requires.ts'
import { layerOf } from '../harness/registry/publish.ts'
import { storeFiles } from './image-lab.ts'

const ROUNDS = 10
const gate = requires(root)

gate.test('a store that is killed at any moment is whole at the next open', {}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tscompose-crash-'))
  const trees = nativeTrees(createNative())
  const warnings: Diagnostic[] = []
  const open = (): ReturnType<typeof openImageStore> =>
    openImageStore({ root: join(folder, 'images'), trees, onWarning: warning => warnings.push(warning) })
  try {
    await writeArchive(join(folder, 'archive.tar'))
    // How long a round of changes takes here: kills are spread over it.
    let span = 0
    for (let round = 0; round <= ROUNDS; round += 1) {
      const child = start(folder)
      const lines = child.stdout?.[Symbol.asyncIterator]()
      await lines?.next()
      const begun = performance.now()
      if (round === 0) await lines?.next()
      span ||= performance.now() - begun
      await wait((span * round) / ROUNDS)
      // Not its close: rounds that it has told of and nobody reads would hold that up.
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
      const store = await open()
      expect(await storeFiles(store, 'tmp')).toEqual([])
      for (const { id } of await store.list())
        expect([id, (await store.verify(id)).map(({ intact }) => intact)]).toEqual([id, [true]])
    }
    const store = await open()
    await store.prune({ all: true })
    for (const each of ['configs', 'layers', 'facts', 'manifests', 'tmp'])
      expect([each, await storeFiles(store, each)]).toEqual([each, []])
    expect(warnings).toEqual([])
  } finally {
    rmSync(folder, { recursive: true })
  }
})

/** An archive of two images, made in a store of its own. */
async function writeArchive(path: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tscompose-crash-'))
  const trees = nativeTrees(createNative())
  const store = await openImageStore({ root: folder, trees })
  try {
    const ids: string[] = []
    for (const name of ['a', 'b']) {
      const files = Array.from({ length: 300 }, (_, at) => ({
        name: `d/${name}${at}`,
        content: randomBytes(5000),
      }))
      const options = { store, config: {}, comment: '', references: [`${name}:1`] }
      const tar = Readable.from([layerOf(...files)])
      ids.push((await importImage(tar, { ...options, signal: new AbortController().signal })).id)
    }
    const pieces: Buffer[] = []
    for await (const piece of saveImages(
      store,
      ids.map((id, at) => ({ id, tags: [`x:${at}`] })),
    ))
      pieces.push(piece)
    writeFileSync(path, Buffer.concat(pieces))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function start(folder: string): ReturnType<typeof spawn> {
  const script = join(import.meta.dirname, 'killed-store.ts')
  const args = ['--import', 'tsx', script, join(folder, 'images'), join(folder, 'archive.tar')]
  return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
}
