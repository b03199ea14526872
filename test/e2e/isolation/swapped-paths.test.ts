// What a container puts in the place of something, while or before the engine goes there, leads it nowhere else.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { linkSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pack } from 'tar-stream'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Mount } from '../../../src/api/types/index.ts'
import { openRootOf } from '../../../src/engine/rootfs/index.ts'
import { createNative, decodeFound, type OutsideOp } from '../../../src/native/index.ts'
import { EngineLab } from '../harness/engine-lab.ts'

const never = new AbortController().signal

describe('a path of a container', () => {
  const lab = new EngineLab()
  let host: string
  beforeAll(async () => {
    await lab.open()
    await lab.buildImage()
    host = join(lab.folder, 'host')
    mkdirSync(join(host, 'inner'), { recursive: true })
    writeFileSync(join(host, 'secret'), 'of the host')
  })
  afterEach(() => lab.clear())
  afterAll(() => lab.close())

  const containers = (): EngineLab['engine']['containers'] => lab.engine.containers
  const stop = (id: string): Promise<unknown> => containers().stop(id, { timeout: 0 })
  const put = async (id: string, path: string, name: string): Promise<void> => {
    const tar = pack()
    tar.entry({ name }, 'put')
    tar.finalize()
    const options = { path, noOverwriteDirNonDir: false, copyUIDGID: false }
    await containers().putArchive(id, options, Readable.from(tar, { objectMode: false }))
  }
  const get = async (id: string, path: string): Promise<string> => {
    const chunks: Uint8Array[] = []
    for await (const chunk of (await containers().getArchive(id, path, never)).tar) chunks.push(chunk)
    return Buffer.concat(chunks).toString()
  }
  const mounted = (name: string, ...mounts: Mount[]): Promise<string> =>
    lab.run(name, { HostConfig: { NetworkMode: 'none', Mounts: mounts } })
  const volume = (Target: string, options = {}): Mount => ({
    Type: 'volume',
    Source: 'vol',
    Target,
    VolumeOptions: { NoCopy: true, ...options },
  })

  /** Nobody has come to the host's folder. */
  const untouched = (): void => {
    expect(readdirSync(host)).toEqual(['inner', 'secret'])
    expect(readdirSync(join(host, 'inner'))).toEqual([])
  }

  it('stays in the volume when its subpath has become a link', async () => {
    const owner = await mounted('owner', volume('/v'))
    await lab.exec(owner, 'mkdir /v/sub && echo mine > /v/sub/file')
    const guest = await mounted('guest', volume('/s', { Subpath: 'sub' }))
    await lab.exec(owner, `mv /v/sub /v/old && ln -s ${host} /v/sub`)

    expect(await get(guest, '/s/file')).toContain('mine')
    await put(guest, '/s', 'inner/put')
    expect((await lab.exec(guest, 'cat /s/inner/put')).out).toBe('put')
    await expect(get(guest, '/s/secret')).rejects.toMatchObject({ code: 'PATH_NOT_FOUND' })

    await stop(guest)
    for (const path of ['/s', '/s/secret', '/s/inner'])
      await expect(get(guest, path)).rejects.toMatchObject({ code: 'PATH_NOT_FOUND' })
    await expect(put(guest, '/s', 'inner/put')).rejects.toMatchObject({ code: 'PATH_NOT_FOUND' })
    // A link that stays in the volume leads where it leads the next start.
    await lab.exec(owner, 'rm /v/sub && ln -s /old /v/sub')
    await put(guest, '/s', 'late')
    expect((await lab.exec(owner, 'cat /v/old/late')).out).toBe('put')
    untouched()
  })

  it('is filled from the image beneath its volume, and only where it is empty', async () => {
    const owner = await mounted('owner', volume('/v'))
    await lab.exec(owner, `mkdir /v/sub /v/full; touch /v/full/own; ln -s ${host}/inner /v/out`)
    const filled = (Subpath: string): Promise<string> =>
      mounted(Subpath, { ...volume('/data'), VolumeOptions: { Subpath } })
    expect((await lab.exec(await filled('sub'), 'cat /data/file')).out).toBe('from-image\n')
    expect((await lab.exec(await filled('full'), 'ls /data')).out).toBe('own\n')
    for (const path of ['out', 'missing'])
      await expect(filled(path)).rejects.toMatchObject({ code: 'SUBPATH_MISSING' })
    expect((await lab.exec(owner, 'cd /v; find . | sort')).out).toBe(
      ['.', './full', './full/own', './out', './sub', './sub/file', ''].join('\n'),
    )
    untouched()
  })

  it('of a container that has never run lies in its mounts, which are filled from the image before', async () => {
    const mounts: Mount[] = [
      { Type: 'volume', Source: 'filled', Target: '/data' },
      { Type: 'volume', Source: 'lone', Target: '/data/sub/lone' },
    ]
    const { Id } = await containers().create(
      { Image: 'bb', HostConfig: { NetworkMode: 'none', Mounts: mounts } },
      {},
    )
    await put(Id, '/', 'data/top')
    await put(Id, '/data', 'sub/lone/below')
    await put(Id, '/data/sub/lone', 'inside')
    expect(await get(Id, '/data/sub/lone/below')).toContain('put')
    await containers().start(Id, {})
    const found = await lab.exec(Id, 'cd /data; find . -type f | sort')
    expect(found.out).toBe(['./file', './sub/lone/below', './sub/lone/inside', './top', ''].join('\n'))
  })

  it('is the mount that runs when its source on the host has become a link', async () => {
    const data = join(lab.folder, 'data')
    mkdirSync(join(data, 'sub'), { recursive: true })
    const owner = await mounted('owner', { Type: 'bind', Source: data, Target: '/data' })
    const guest = await mounted('guest', { Type: 'bind', Source: join(data, 'sub'), Target: '/s' })
    await lab.exec(owner, `mv /data/sub /data/old && ln -s ${host} /data/sub`)

    await expect(get(guest, '/s/secret')).rejects.toMatchObject({ code: 'PATH_NOT_FOUND' })
    await put(guest, '/s', 'inner/put')
    expect(readFileSync(join(data, 'old/inner/put'), 'utf8')).toBe('put')
    untouched()
  })

  it('in a volume follows a link as the container does, and not to the host', async () => {
    const id = await mounted('links', volume('/v'))
    await lab.exec(id, `ln -s ${host} /v/out; ln -s / /v/top; mkdir -p ${host}/inner`)
    await put(id, '/v/out', 'inner/put')
    expect((await lab.exec(id, `cat ${host}/inner/put`)).out).toBe('put')
    expect((await containers().statPath(id, '/v/top/data/file')).name).toBe('file')
    await expect(get(id, '/v/out/secret')).rejects.toMatchObject({ code: 'PATH_NOT_FOUND' })
    untouched()
  })

  it('may be a file that is mounted, whether it runs or not', async () => {
    const source = join(lab.folder, 'a-file')
    writeFileSync(source, 'bound')
    const id = await mounted('file', { Type: 'bind', Source: source, Target: '/etc/bound' })
    expect(await get(id, '/etc/bound')).toContain('bound')
    await stop(id)
    expect(await get(id, '/etc/bound')).toContain('bound')
    expect(await containers().statPath(id, '/etc/bound')).toMatchObject({ name: 'bound', size: 5 })
    await expect(containers().statPath(id, '/etc/bound/x')).rejects.toMatchObject({ code: 'PATH_NOT_FOUND' })
    await expect(put(id, '/etc/bound', 'x')).rejects.toMatchObject({ code: 'PATH_NO_FOLDER' })
  })

  it('cannot be written to where the mount is read-only', async () => {
    const id = await mounted('readonly', { ...volume('/v'), ReadOnly: true })
    await expect(put(id, '/v', 'x')).rejects.toMatchObject({ code: 'PATH_READONLY' })
    const { Id } = await containers().create(
      { Image: 'bb', HostConfig: { NetworkMode: 'none', Mounts: [volume('/v')], ReadonlyRootfs: true } },
      {},
    )
    await containers().start(Id, {})
    await lab.exec(Id, 'ln -s /data /v/out')
    await expect(put(Id, '/v/out', 'x')).rejects.toMatchObject({ code: 'PATH_READONLY' })
  })

  it('is not looked for in another process that has the number of one that has ended', async () => {
    const open = openRootOf({ pid: process.pid, startTime: 1n }, 0, 1)
    await expect(createNative().run({ outside: open })).rejects.toMatchObject({
      code: 'CONTAINER_NOT_RUNNING',
    })
  })
})

describe('what becomes a device while it is read', () => {
  const native = createNative()
  const folder = mkdtempSync(join(tmpdir(), 'tscompose-race-'))
  const racing = join(folder, 'racing')
  const open = (slot: number, path: string): OutsideOp => ({ op: 'open', slot, path, kind: 'folder' })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  // No driver has the number: to open it fails, where to look at it does not.
  const RACE = `
const { linkSync, renameSync } = require('node:fs')
process.chdir(${JSON.stringify(folder)})
console.log('races')
for (;;) for (let name = 0; name < 200; name++) for (const kind of ['device', 'file']) {
  linkSync(kind, 'next')
  renameSync('next', 'racing/' + name)
}`

  it('is never opened, to be packed or copied', { timeout: 240_000 }, async () => {
    mkdirSync(racing)
    writeFileSync(join(folder, 'file'), 'x'.repeat(100))
    const number = { type: 'char', major: 10, minor: 9999 } as const
    await native.run({
      outside: [open(0, folder), { op: 'mknod', slot: 0, path: 'device', ...number, mode: 0o600 }],
    })
    const names = Array.from({ length: 200 }, (_, name) => `/${name}`)
    for (const name of names) linkSync(join(folder, 'file'), join(racing, name))
    const racer = spawn(process.execPath, ['-e', RACE], { stdio: ['ignore', 'pipe', 'inherit'] })
    const ended = once(racer, 'exit')
    try {
      await once(racer.stdout, 'data')
      let devices = 0
      for (let run = 0; run < 40 || devices === 0; run++) {
        const reading: OutsideOp = { op: 'pack', slot: 0, path: '/' }
        for await (const items of native.pack({ outside: [open(0, racing), reading] }))
          devices += items.filter(item => !Buffer.isBuffer(item) && item.type === 'char').length
        // What has lost its name meanwhile is looked up by it once more.
        const looks = names.map(path => ({ op: 'lookUp', slot: 0, path, follow: false }) as const)
        const { results } = await native.run({ outside: [open(0, racing), ...looks] })
        expect([...results.values()].map(bytes => decodeFound(bytes).path)).toEqual(names)
        const copy = { op: 'copyTree', fromSlot: 0, from: '/', toSlot: 1, to: `copy${run}` } as const
        await native.run({ outside: [open(0, racing), open(1, folder), { ...copy, create: true }] })
      }
    } finally {
      racer.kill('SIGKILL')
      await ended
    }
  })
})
