import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { TreeOperations } from '../layer/trees.ts'
import { addArchive } from './archive.ts'

test('an archive that cannot be read is named as in the Dockerfile, not by where the engine has it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tsc-archive-'))
  const hostPath = join(folder, 'a.tar')
  writeFileSync(hostPath, 'x'.repeat(2000))
  const trees: TreeOperations = {
    copy: async () => {},
    sync: async () => {},
    unpack: (_, fill) =>
      fill({ entry: () => {}, data: () => {}, folderTime: () => {}, ready: async () => {} }),
  }
  const target = { root: { type: 'folder', folder }, path: '/' } as const
  try {
    await addArchive(trees, { path: '/a.tar', hostPath }, target)
    expect.unreachable()
  } catch (error) {
    expect(error).toMatchObject({ code: 'ARCHIVE_UNREADABLE' })
    expect(String(error)).toContain('"/a.tar"')
    expect(JSON.stringify(error) + String(error)).not.toContain(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
