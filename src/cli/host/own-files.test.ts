import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { OwnFiles } from './own-files.ts'

const folder = mkdtempSync(join(tmpdir(), 'own-files-'))
mkdirSync(join(folder, 'deep'))
writeFileSync(join(folder, 'deep/file'), '')
spawnSync('mkfifo', [join(folder, 'pipe')])
for (const [name, target] of [
  ['in', '/dev/stdin'],
  ['again', 'deep/../in'],
  ['fds', '/dev/fd'],
  ['far', 'deep'],
  ['to-pipe', 'pipe'],
  ['loop', 'loop'],
  ['nowhere', 'nothing'],
] as const)
  symlinkSync(target, join(folder, name))
afterAll(() => rmSync(folder, { recursive: true }))

test.each([
  ['own', ['/dev/stdin', '/dev/stderr', '/dev/fd/77', '/dev/tty', '/proc/self/fd/0', '/proc/thread-self/fd']],
  [
    'own',
    ['in', 'again', 'fds/77', 'deep/../fds/0', '../../proc/self/../self/fd/0'].map(name => under(name)),
  ],
  ['pipe', [under('pipe'), under('to-pipe')]],
  ['device', ['/dev/zero', '/dev/full']],
  ['plain', ['/dev/null', under('deep'), under('deep/file'), under('far/file'), '/']],
  ['plain', [under('nothing'), under('nothing/fd'), under('nowhere'), under('loop'), under('deep/file/x')]],
  ['plain', [`/proc/${process.pid}/status`, '/proc/cpuinfo', '', 'a\0b']],
] as const)('%s: %j', (kind, paths) => {
  const files = new OwnFiles()
  for (const path of [...paths, ...paths]) expect([path, files.at(path)]).toEqual([path, kind])
})

/** As it stands: only the kernel knows where dots behind links lead. */
function under(name: string): string {
  return name.startsWith('../..') ? `/tmp/${name}` : `${folder}/${name}`
}
