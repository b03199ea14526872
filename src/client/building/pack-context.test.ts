import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { extract } from 'tar-stream'
import { expect, it } from 'vitest'
import { packContext } from './pack-context.ts'

it('packs the wanted paths of a folder, without what is ignored or missing', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tscompose-pack-'))
  try {
    await mkdir(join(folder, 'src/deep'), { recursive: true })
    await writeFile(join(folder, '.dockerignore'), 'src/deep\n!src/deep/kept\n')
    await writeFile(join(folder, 'Dockerfile'), 'FROM scratch\n')
    await writeFile(join(folder, 'unwanted'), '')
    await writeFile(join(folder, 'src/deep/dropped'), '')
    await writeFile(join(folder, 'src/deep/kept'), 'kept')
    await symlink('deep/kept', join(folder, 'src/link'))
    const names: string[] = []
    const reader = extract()
    ;(await packContext(folder, ['Dockerfile', 'src/', 'missing'])).pipe(reader)
    for await (const entry of reader) {
      names.push(`${entry.header.type} ${entry.header.name}`)
      entry.resume()
    }
    expect(names).toEqual(['file Dockerfile', 'directory src/', 'file src/deep/kept', 'symlink src/link'])
  } finally {
    await rm(folder, { recursive: true })
  }
})
