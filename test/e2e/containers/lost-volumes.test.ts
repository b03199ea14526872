// Volumes whose folder somebody has removed: whoever uses one next gets it as it was when it was new, and is told.
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { EngineLab } from '../harness/engine-lab.ts'

const lab = new EngineLab()

beforeAll(async () => {
  await lab.open()
  await lab.buildImage()
})
afterEach(() => lab.clear())
afterAll(() => lab.close())

const dataOf = (name: string): string => join(lab.folder, 'root/volumes', name, '_data')
const using = (...Binds: string[]) => ({ HostConfig: { NetworkMode: 'none', Binds } })
const lost = (): string[] =>
  lab.warnings.splice(0).flatMap(({ code, summary }) => (code === 'VOLUME_LOST' ? [summary] : []))

test.each([
  ['its own folder', dataOf],
  ['all that the engine has of it', (name: string) => join(dataOf(name), '..')],
])('one that lost %s is filled from the image for a container that is made, or started', async (_, gone) => {
  const id = await lab.run('first', using('data:/data'))
  await lab.exec(id, 'echo mine > /data/file')
  await lab.engine.containers.stop(id, { timeout: 0 })
  for (const use of [
    () => lab.engine.containers.start(id, {}),
    () => lab.run('second', using('data:/data')),
    () => lab.engine.containers.restart(id, { timeout: 0 }),
  ]) {
    rmSync(gone('data'), { recursive: true })
    await use()
    expect(lost()).toEqual([expect.stringContaining('data')])
    const { uid, gid, mode } = statSync(dataOf('data'))
    expect([uid, gid, mode & 0o7777, readdirSync(dataOf('data'))]).toEqual([33, 34, 0o750, ['file']])
  }
  expect((await lab.exec(id, 'cat /data/file')).out).toBe('from-image\n')
  await lab.engine.containers.restart(id, { timeout: 0 })
  expect(lost()).toEqual([])
})

test('one that the image has nothing for, or that is not to be filled, is empty', async () => {
  const id = await lab.run('first', using('data:/data:nocopy', 'other:/other'))
  await lab.engine.containers.stop(id, { timeout: 0 })
  for (const name of ['data', 'other']) rmSync(dataOf(name), { recursive: true })
  await lab.engine.containers.start(id, {})
  expect(lost()).toHaveLength(2)
  for (const name of ['data', 'other']) {
    const { uid, gid, mode } = statSync(dataOf(name))
    expect([uid, gid, mode & 0o7777, readdirSync(dataOf(name))]).toEqual([0, 0, 0o755, []])
  }
})

test('a folder of the user’s is not made', async () => {
  const device = join(lab.folder, 'user')
  mkdirSync(device)
  await lab.engine.volumes.create({ Name: 'bound', DriverOpts: { type: 'none', o: 'bind', device } })
  const id = await lab.run('first', using('bound:/data'))
  await lab.engine.containers.stop(id, { timeout: 0 })
  rmSync(device, { recursive: true })
  await expect(lab.engine.containers.start(id, {})).rejects.toThrow()
  expect(lost()).toEqual([])
})
