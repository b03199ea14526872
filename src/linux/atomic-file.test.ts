import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { writeFileAtomic, writeFileAtomicSync, writeFileSynced } from './atomic-file.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tscompose-atomic-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

describe.each([
  ['writeFileAtomic', writeFileAtomic],
  [
    'writeFileAtomicSync',
    async (path: string, text: string, options?: object) =>
      writeFileAtomicSync(path, Buffer.from(text), options),
  ],
  [
    'writeFileSynced',
    (path: string, text: string, options?: object) => writeFileSynced(path, Buffer.from(text), options),
  ],
])('%s', (_name, write) => {
  test('replaces a file whole, with the mode asked for whatever the umask', async () => {
    const path = join(folder, 'file')
    const umask = process.umask(0o077)
    try {
      await write(path, 'a longer text')
      expect(statSync(path).mode & 0o777).toBe(0o600)
      await write(path, 'short', { mode: 0o644, durable: false })
    } finally {
      process.umask(umask)
    }
    expect(readFileSync(path, 'utf8')).toBe('short')
    expect(statSync(path).mode & 0o777).toBe(0o644)
    expect(readdirSync(folder)).toEqual(['file'])
  })

  test('forty at once leave one whole text and nothing beside it', async () => {
    const path = join(folder, 'file')
    const texts = Array.from({ length: 40 }, (_, index) => String(index).repeat(1000))
    await Promise.all(texts.map(text => write(path, text)))
    expect(texts).toContain(readFileSync(path, 'utf8'))
    expect(readdirSync(folder)).toEqual(['file'])
  })

  test('touches nothing of the file that was there: who has it open reads all of it', async () => {
    const path = join(folder, 'file')
    writeFileSync(path, 'old')
    const fd = openSync(path, 'r')
    try {
      await write(path, 'new')
      expect(readFileSync(fd, 'utf8')).toBe('old')
    } finally {
      closeSync(fd)
    }
    expect(readFileSync(path, 'utf8')).toBe('new')
  })

  test('one that fails leaves the old text and nothing beside it', async () => {
    writeFileSync(join(folder, 'file'), 'old')
    await expect(write(join(folder, 'file', 'below'), 'new')).rejects.toMatchObject({ code: 'ENOTDIR' })
    expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('old')
    expect(readdirSync(folder)).toEqual(['file'])
  })
})
