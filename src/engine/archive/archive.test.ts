import { lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { type Header, pack } from 'tar-stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { extractTar } from './extract.ts'
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

function tarOf(...entries: [Partial<Header> & Pick<Header, 'name'>, string?][]): Readable {
  const tar = pack()
  const uid = process.getuid?.() ?? 0
  const gid = process.getgid?.() ?? 0
  for (const [header, text = ''] of entries) tar.entry({ uid, gid, ...header }, text)
  tar.finalize()
  return Readable.from(tar, { objectMode: false })
}

test('a tar is unpacked with its modes and links, and packed again', async () => {
  const names = await extractTar(
    tarOf(
      [{ name: 'd', type: 'directory', mode: 0o750 }],
      [{ name: 'd/f', mode: 0o640 }, 'text'],
      [{ name: 'deep/er/g' }, 'g'],
      [{ name: 'd/l', type: 'symlink', linkname: '/etc/passwd' }],
    ),
    at('out'),
  )
  expect(names.names).toEqual(['d/', 'd/f', 'deep/er/g', 'd/l'])
  expect(lstatSync(at('out/d')).mode & 0o777).toBe(0o750)
  expect(readFileSync(at('out/d/f'), 'utf8')).toBe('text')
  const again = pack()
  const packing = packTree(again, at('out/d'), 'd').then(() => again.finalize())
  mkdirSync(at('again'))
  expect((await extractTar(Readable.from(again, { objectMode: false }), at('again'))).names).toEqual([
    'd/',
    'd/f',
    'd/l',
  ])
  await packing
})

test.each([
  ['a name with ..', [[{ name: '../evil' }, 'x']]],
  [
    'a name through a link of its own',
    [[{ name: 'l', type: 'symlink', linkname: '/tmp' }], [{ name: 'l/evil' }, 'x']],
  ],
  ['a hard link to outside', [[{ name: 'h', type: 'link', linkname: '../top/a/f' }]]],
] as [string, [Partial<Header> & Pick<Header, 'name'>, string?][]][])('%s is refused', async (_, entries) => {
  await expect(extractTar(tarOf(...entries), at('out'))).rejects.toMatchObject({ code: 'TAR_INVALID' })
})
