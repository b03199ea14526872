import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { RecordingNative } from '../../native/index.ts'
import { UserDatabases } from './user-databases.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tscompose-users-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** A layer with these files. */
function layer(name: string, files: readonly string[]): string {
  const top = join(folder, name)
  mkdirSync(top)
  for (const file of files) {
    mkdirSync(join(top, file, '..'), { recursive: true })
    writeFileSync(join(top, file), '')
  }
  return top
}

function databases(): { readonly users: UserDatabases; readonly reads: () => number } {
  const native = new RecordingNative()
  return { users: new UserDatabases(native, { layersOf: async () => [] }), reads: () => native.calls.length }
}

it('must read the users of build steps once, as long as no layer changes them', async () => {
  const { users, reads } = databases()
  const base = layer('base', ['etc/passwd', 'etc/group'])
  const other = layer('other', ['srv/file'])
  const points = layer('points', ['etc/hosts'])
  await users.ofStep([base, points])
  await users.ofStep([other, base, layer('points-again', ['etc/hosts'])])
  expect(reads()).toBe(1)
  await users.ofStep([layer('adduser', ['etc/passwd']), other, base, points])
  expect(reads()).toBe(2)
  // A folder may hide all that lies below it.
  await users.ofStep([layer('config', ['etc/motd']), other, base, points])
  expect(reads()).toBe(3)
})

it('must read them again whatever changes where a link may lead there', async () => {
  const { users, reads } = databases()
  const base = layer('base', ['usr/etc/passwd'])
  symlinkSync('usr/etc', join(base, 'etc'))
  await users.ofStep([base])
  await users.ofStep([layer('changed', ['usr/etc/passwd']), base])
  expect(reads()).toBe(2)
})
