import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { eventually } from '../harness/eventually.ts'
import { killContainer } from '../harness/kill-container.ts'
import { makeSandbox, type Sandbox } from '../harness/sandbox.ts'
import { mountSmallDisk, type SmallDisk } from '../harness/small-disk.ts'

// ROOT on a disk that is full: one clear diagnostic, nothing half-made, nothing lost, and down always works.
let disk: SmallDisk
let sandbox: Sandbox

const COUNTING = `sh -c 'i=0; while true; do echo $$i; i=$$((i+1)); sleep 0.01; done'`

beforeAll(async () => {
  disk = mountSmallDisk(16)
  sandbox = makeSandbox({ root: disk.path })
  await sandbox.busybox()
})
beforeEach(() => compose('command: "true"'))
afterEach(async () => {
  disk.empty()
  await sandbox.ok('down', '-v')
})
afterAll(async () => {
  await sandbox.close('ended')
  disk.unmount()
})

const compose = (service: string): void =>
  sandbox.write('compose.yaml', `name: full\nservices:\n  a: {image: busybox, ${service}}\n`)

/** What a folder below ROOT holds; hidden files, and half-written ones, are told too. */
const below = (folder: string): string[] => {
  const path = join(disk.path, folder)
  return existsSync(path) ? readdirSync(path) : []
}

/** What a build has begun goes a moment after its end was told. */
const nothingIsHalfMade = (): Promise<boolean> =>
  eventually('nothing half-made is left', () => {
    const torn = ['images', 'images/configs'].flatMap(below).filter(name => name.endsWith('.tmp'))
    return below('images/tmp').length === 0 && torn.length === 0
  })

/** The codes of the diagnostics that a command printed; each once, though several things may have found no room. */
const codesIn = (stderr: string): string[] => [
  ...new Set([...stderr.matchAll(/^error ([A-Z_]+)/gm)].map(([, code]) => code ?? '')),
]

const linesOf = async (service: string): Promise<string[]> =>
  (await sandbox.ok('logs', '--no-log-prefix', service)).stdout.trim().split('\n')

describe('a build', () => {
  const build = (dockerfile: string): void => {
    sandbox.write('big/Dockerfile', dockerfile)
    sandbox.write('big.yaml', 'name: full\nservices: {big: {build: ./big, image: big}}\n')
  }

  test('whose RUN step fills the disk fails with the words of the step', async () => {
    build('FROM busybox\nRUN dd if=/dev/zero of=/big bs=1M count=100')
    const { status, stderr } = await sandbox.run('-f', 'big.yaml', 'build')
    expect(status).not.toBe(0)
    expect(codesIn(stderr)).toEqual(['BUILD_STEP_FAILED'])
    expect(stderr).toContain('No space left on device')
    await nothingIsHalfMade()
  })

  test('that finds so little room, in whatever place, says so, and works when there is more', async () => {
    sandbox.write('big/data', 'x'.repeat(20_000))
    build('FROM busybox\nCOPY data /data\nRUN echo more >> /data\nWORKDIR /made')
    const layers = below('images/layers').length
    for (let pages = 0; ; pages += 1) {
      disk.leave(pages)
      const { status, stderr } = await sandbox.run('-f', 'big.yaml', 'build')
      await nothingIsHalfMade()
      if (status === 0) break
      expect(codesIn(stderr), stderr).toEqual([
        stderr.includes('BUILD_STEP_FAILED') ? 'BUILD_STEP_FAILED' : 'DISK_FULL',
      ])
      expect(pages).toBeLessThan(100)
    }
    expect(below('images/layers').length).toBeGreaterThan(layers)
    sandbox.write('compose.yaml', 'name: full\nservices: {a: {image: big, command: tail -c 5 /data}}\n')
    disk.empty()
    expect((await sandbox.ok('up', '--no-color', '--no-log-prefix')).stdout).toContain('more')
  })
})

test('up, with any amount of room, works or says that the disk is full; down then leaves nothing', async () => {
  compose(`command: ${COUNTING}, init: true, volumes: ["data:/data"]}\nvolumes: {data: {}}\n#`)
  const failed: number[] = []
  for (let pages = 0; ; pages += 1) {
    disk.leave(pages)
    const { status, stderr } = await sandbox.run('up', '-d')
    if (status !== 0) {
      failed.push(pages)
      expect(codesIn(stderr), `${pages} pages: ${stderr}`).toEqual(['DISK_FULL'])
    }
    if (status === 0) {
      disk.empty()
      await sandbox.ok('exec', '-T', 'a', 'sh', '-c', 'echo written > /file && cat /file')
      disk.leave(0)
    }
    await sandbox.ok('down', '-v')
    // The default bridge, which the build was on, stays with the engine.
    const { id } = JSON.parse(readFileSync(join(disk.path, 'default-bridge.json'), 'utf8'))
    const left = ['containers', 'networks', 'volumes'].flatMap(below).filter(name => name !== `${id}.json`)
    expect(left).toEqual([])
    if (status === 0) break
    expect(pages).toBeLessThan(60)
  }
  expect(failed).not.toEqual([])
})

test('a command that has no room to say whose turn it is leaves the project to the next one', async () => {
  await sandbox.ok('up', '-d')
  const turns = join(sandbox.env['TSCOMPOSE_RUN'] ?? '', 'projects')
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4k', 'tscompose-test', turns])
  try {
    writeFileSync(join(turns, 'full'), 'x'.repeat(4096))
    expect((await sandbox.run('restart', '-t', '0')).stderr).toContain('ENOSPC')
    rmSync(join(turns, 'full'))
    await sandbox.ok('restart', '-t', '0')
  } finally {
    execFileSync('umount', ['-l', turns])
  }
})

describe('output on a full disk', () => {
  test('is kept and logged when there is room again', async () => {
    compose(`command: ${COUNTING}, stop_grace_period: 1s}\n#`)
    await sandbox.ok('up', '-d')
    await eventually('it logs', async () => (await linesOf('a')).length > 5)
    disk.leave(0)
    await eventually('the last page of the log is full', () => roomOf() < 80)
    const logged = (await linesOf('a')).length
    disk.empty()
    await eventually('it logs again', async () => (await linesOf('a')).length > logged + 50)
    const numbers = await linesOf('a')
    expect(numbers).toEqual(numbers.map((_line, index) => String(index)))
  })

  test('that is too much is counted, and told in its place and in the engine’s log', async () => {
    compose(`command: sh -c 'trap "seq 20000" USR1; echo ready; while true; do sleep 0.05; done'`)
    await sandbox.ok('up', '-d')
    await eventually('it is ready', async () => (await linesOf('a')).includes('ready'))
    const before = losses()
    disk.leave(0)
    await sandbox.ok('kill', '-s', 'USR1', 'a')
    await eventually('the loss is known', () => losses() > before)
    disk.empty()
    await eventually('every line is there or told of', async () => {
      const lines = await linesOf('a')
      const missing = lines.map(line => Number(/^tscompose: lines missing here: (\d+) /.exec(line)?.[1] ?? 0))
      const logged = lines.filter(line => /^\d+$/.test(line)).length
      return logged + missing.reduce((sum, count) => sum + count) === 20_000 && logged < 20_000
    })
  })
})

test('a mount of a container that is full is named, where ROOT has room', async () => {
  const small = mountSmallDisk(1)
  compose(
    `init: true, command: sleep infinity, tmpfs: ["/small:size=64k"], volumes: ["${small.path}:/bound", "data:/data"]}\nvolumes: {data: {}}\n#`,
  )
  sandbox.write('filling', 'x'.repeat(2_000_000))
  await sandbox.ok('up', '-d')
  disk.leave(16)
  for (const [to, isRoot] of [
    ['/small', false],
    ['/bound', false],
    ['/data', true],
    ['/', true],
  ] as const) {
    const { stderr } = await sandbox.run('cp', 'filling', `a:${to}`)
    expect(codesIn(stderr), to).toEqual(['DISK_FULL'])
    expect(stderr.includes('TSCOMPOSE_ROOT'), `${to}: ${stderr}`).toBe(isRoot)
  }
  disk.empty()
  await sandbox.ok('down', '-v', '-t', '0')
  small.unmount()
})

test('how a container ended on a full disk is known to the next engine', async () => {
  compose(`command: sh -c 'trap "exit 7" TERM; echo ready; while true; do sleep 0.05; done'`)
  await sandbox.ok('up', '-d')
  await eventually('it is ready', async () => (await linesOf('a')).includes('ready'))
  disk.leave(0)
  const id = (await sandbox.ok('ps', '-q', 'a')).stdout.trim()
  await sandbox.killEngine()
  killContainer(sandbox.env, id, 'SIGTERM')
  await eventually('it has ended', async () => (await row('a')).State === 'exited')
  expect(await row('a')).toMatchObject({ ExitCode: 7 })
  await sandbox.ok('start', 'a')
  expect(await row('a')).toMatchObject({ State: 'running' })
})

/** How often the engine's log tells of lost lines. */
function losses(): number {
  const log = readFileSync(join(sandbox.env['TSCOMPOSE_RUN'] ?? '', 'engine.log'), 'utf8')
  return log.split('LOG_LOST full-a-1').length
}

/** Bytes of the last page of the only log that are free. */
function roomOf(): number {
  const [id = ''] = below('containers')
  const { size } = statSync(join(disk.path, 'containers', id, 'container.log'))
  return size % 4096 === 0 ? 0 : 4096 - (size % 4096)
}

async function row(service: string): Promise<Record<string, unknown>> {
  return JSON.parse((await sandbox.ok('ps', '-a', '--format', 'json', service)).stdout)
}
