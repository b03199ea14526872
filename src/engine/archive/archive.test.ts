import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pack } from 'tar-stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { extractTar } from '../../tar/index.ts'
import { folderSink } from '../../tar/testing/folder-sink.ts'
import { lookUp } from './lookup.ts'
import { packTree } from './pack.ts'

let folder: string
const at = (...parts: string[]): string => join(folder, ...parts)
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tsc-archive-'))
  for (const name of ['top/a', 'low/a/b', 'low/only', 'out']) mkdirSync(at(name), { recursive: true })
  writeFileSync(at('top/a/f'), 'top')
  writeFileSync(at('low/a/f'), 'lower one')
  writeFileSync(at('low/a/b/g'), 'g')
  symlinkSync('/only', at('top/abs'))
  symlinkSync('../../../../etc', at('low/only/up'))
  symlinkSync('loop', at('top/loop'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const find = (path: string, follow = false): ReturnType<typeof lookUp> =>
  lookUp([at('top'), at('low')], path, follow)

test('layers are seen as one root', () => {
  expect(find('/a/f')?.stats.size).toBe(3)
  expect(find('/a/b/g')?.path).toBe('/a/b/g')
  expect(find('/a')?.stats.isDirectory()).toBe(true)
  expect(find('/')?.path).toBe('/')
  expect(find('/a/none')).toBeUndefined()
  expect(find('/a/f/x')).toBeUndefined()
})

test('links lead inside the root only', () => {
  expect(find('/abs')).toMatchObject({ linkTarget: '/only', path: '/abs' })
  expect(find('/abs', true)?.path).toBe('/only')
  expect(find('/../../a/f')?.path).toBe('/a/f')
  expect(find('/only/up/passwd', true)).toBeUndefined()
  expect(() => find('/loop', true)).toThrow(expect.objectContaining({ code: 'PATH_LOOP' }))
})

test('a tree is packed with its modes and links', async () => {
  mkdirSync(at('out/d'), { mode: 0o750 })
  writeFileSync(at('out/d/f'), 'text', { mode: 0o640 })
  symlinkSync('/etc/passwd', at('out/d/l'))
  const tar = pack()
  const packing = packTree(tar, at('out/d'), 'd').then(() => tar.finalize())
  mkdirSync(at('again'))
  await extractTar(Readable.from(tar, { objectMode: false }), folderSink(at('again')))
  await packing
  expect(lstatSync(at('again/d')).mode & 0o777).toBe(0o750)
  expect(readFileSync(at('again/d/f'), 'utf8')).toBe('text')
  expect(readlinkSync(at('again/d/l'))).toBe('/etc/passwd')
})
