import { mkdtempSync, readdirSync, readlinkSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ensureInitLayer } from './init-layer.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tscompose-init-layer-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const modeOf = (path: string): number => statSync(path).mode & 0o777

test('it has the mount points of every container, open to all users whatever the umask', () => {
  const before = process.umask(0o077)
  const layer = join(root, 'init-layer')
  try {
    ensureInitLayer(layer, join(root, 'tmp'))
  } finally {
    process.umask(before)
  }
  expect(readdirSync(layer).sort()).toEqual(['.dockerenv', 'dev', 'etc', 'proc', 'sys'])
  expect(readdirSync(join(layer, 'etc')).sort()).toEqual(['hostname', 'hosts', 'mtab', 'resolv.conf'])
  expect(readlinkSync(join(layer, 'etc/mtab'))).toBe('/proc/mounts')
  expect(readdirSync(join(layer, 'dev')).sort()).toEqual(['console', 'pts', 'shm'])
  // As an export of Docker's has them.
  for (const path of ['.', 'dev', 'dev/pts', 'dev/console', 'etc', 'etc/hosts', 'proc', 'sys'])
    expect([path, modeOf(join(layer, path))]).toEqual([path, 0o755])
})

test('a half-made one is made anew, and a whole one is left alone', () => {
  const layer = join(root, 'init-layer')
  ensureInitLayer(join(root, 'tmp'), join(root, 'other'))
  ensureInitLayer(layer, join(root, 'tmp'))
  const made = statSync(layer).ino
  ensureInitLayer(layer, join(root, 'tmp'))
  expect(statSync(layer).ino).toBe(made)
  expect(readdirSync(root)).toEqual(['init-layer'])
})
