import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { EventBus } from '../events/bus.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import { FollowedFiles } from './followed-files.ts'

const PATIENCE = { timeout: 10_000 }

let folder: string
let closing: AbortController
let bound: string[]
/** How often a look finds nothing. */
let misses: number
const events = new EventBus()

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'followed-'))
  closing = new AbortController()
  bound = []
  misses = 0
})
afterEach(() => {
  closing.abort()
  rmSync(folder, { recursive: true })
})

/** Follows what two containers have bound of the folder, of which one does not run. */
function follow(...names: string[]): void {
  const container = (name: string, running: boolean): Container =>
    ({
      name,
      running,
      record: {
        mounts: names.map(each => ({ type: 'bind', source: join(folder, each), destination: `/${each}` })),
      },
    }) as unknown as Container
  const all = new Map([
    ['web', container('web', true)],
    ['off', container('off', false)],
  ])
  const containers = {
    values: () => all.values(),
    find: (id: string) => all.get(id),
  } as unknown as EngineContext['containers']
  const bindAnew = async ({ name }: Container, target: string): Promise<boolean> => {
    if (misses > 0) {
      misses -= 1
      return false
    }
    bound.push(`${name} ${target}`)
    return true
  }
  new FollowedFiles(
    { containers, events, closing: closing.signal },
    { bindAnew, warn: told => bound.push(told) },
  ).begin()
}

function save(name: string): void {
  writeFileSync(join(folder, `${name}.new`), 'new')
  renameSync(join(folder, `${name}.new`), join(folder, name))
}

test('a file that is written anew is bound anew, each time, of containers that run', async () => {
  for (const name of ['a', 'b']) writeFileSync(join(folder, name), 'old')
  follow('a', 'b')
  save('a')
  await vi.waitFor(() => expect(bound).toEqual(['web /a']), PATIENCE)
  // As a bind has it: its number is nobody else's meanwhile.
  const held = openSync(join(folder, 'b'), 'r')
  rmSync(join(folder, 'b'))
  writeFileSync(join(folder, 'a'), 'in place')
  save('a')
  await vi.waitFor(() => expect(bound).toEqual(['web /a', 'web /a']), PATIENCE)
  writeFileSync(join(folder, 'b'), 'again')
  await vi.waitFor(() => expect(bound).toEqual(['web /a', 'web /a', 'web /b']), PATIENCE)
  closeSync(held)
})

test('one that another container has is followed from its start on', async () => {
  follow('late')
  writeFileSync(join(folder, 'late'), 'first')
  events.publish({ type: 'container', action: 'start', id: 'web' })
  save('late')
  await vi.waitFor(() => expect(bound).toEqual(['web /late']), PATIENCE)
})

test('a look that finds nothing is repeated', async () => {
  writeFileSync(join(folder, 'a'), 'old')
  follow('a')
  misses = 2
  save('a')
  await vi.waitFor(() => expect(bound).toEqual(['web /a']), PATIENCE)
})

test('neither a folder nor a link is followed', async () => {
  for (const name of ['file', 'link']) writeFileSync(join(folder, name), 'old')
  mkdirSync(join(folder, 'folder'))
  follow('folder', 'link', 'file')
  rmSync(join(folder, 'folder'), { recursive: true })
  mkdirSync(join(folder, 'folder'))
  symlinkSync('/etc/shadow', join(folder, 'link.new'))
  renameSync(join(folder, 'link.new'), join(folder, 'link'))
  save('file')
  await vi.waitFor(() => expect(bound).toEqual(['web /file']), PATIENCE)
})
