import { once } from 'node:events'
import { lstatSync, mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { loadImages } from './image-archives.ts'

let folder: string
let server: Server
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tscompose-archives-'))
  server = createServer((request, answer) => {
    const isLoad = request.url?.includes('/images/load') === true
    answer.writeHead(isLoad ? 400 : 200).end(isLoad ? '{"message":"no archive"}' : '{}')
  })
  await once(server.listen(join(folder, 'engine.sock')), 'listening')
})
afterEach(() => {
  server.closeAllConnections()
  server.close()
  rmSync(folder, { recursive: true })
})

/** What this process has open of the folder by name. */
const openFiles = (): string[] =>
  readdirSync('/proc/self/fd')
    .map(fd => {
      const path = `/proc/self/fd/${fd}`
      return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ? readlinkSync(path) : ''
    })
    .filter(path => path.startsWith(folder))

test('an archive that is not loaded is closed, whether the engine refuses it or it is none', async () => {
  writeFileSync(join(folder, 'large'), Buffer.alloc(8 * 1024 * 1024))
  const target = { env: { DOCKER_HOST: `unix://${join(folder, 'engine.sock')}` }, cwd: folder }
  await expect(loadImages(target, 'large')).rejects.toThrow('no archive')
  await expect(loadImages(target, '.')).rejects.toMatchObject({ code: 'INPUT_FILE' })
  await vi.waitFor(() => expect(openFiles()).toEqual([]))
})
